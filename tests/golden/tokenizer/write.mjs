/**
 * @file Writes what make.py compares, as JSON, to stdout: the tokenizer's files, and texts with the ids that our own code gives
 * them. Texts are tasks of the grammar as they are asked and thought about, programs of another kind, and anything at all.
 *
 *     node tests/golden/tokenizer/write.mjs [COUNT]
 */
import { runnerImport } from 'vite';

const count = Number(process.argv[2] ?? 600);
const load = async (/** @type {string} */ path) => (await runnerImport(path)).module;
const { makeTinyTokenizer } = await load('./src/selfplay/dialects/vocabulary.ts');
const { tokenizerConfigJson, tokenizerJson } = await load('./src/selfplay/dialects/tokenizer-json.ts');
const { CompactDialect, markers } = await load('./src/selfplay/dialects/compact.ts');
const { writeScratchpad } = await load('./src/selfplay/scratchpad.ts');
const { sampleTask } = await load('./src/grammar/sample.ts');
const { levels } = await load('./src/grammar/levels.ts');
const { Draws } = await load('./src/selfplay/random.ts');
const { generatePrograms } = await load('./tests/programs/generate.ts');
const { openNodePython } = await load('./tests/doubles/node-python.ts');

const tokenizer = makeTinyTokenizer();
const dialect = new CompactDialect({}, { tokenizer });
const python = await openNodePython();

/** Where pieces begin alike, overlap or nearly are there. */
const texts = [
  ...['', ' ', '\n', '\n\n', '\n   ', '\n    ', '\n     ', '\n        x', '\t', '\r\n', '  =  ', ' == =', '====', '\n1:', '\n1', '\n12:'],
  ...['\n21:', '\n100: a=1', 'def f(x):', 'def f(x, y):', 'def f(x,y):', 'def f(y):', 'for i in for j in', 'for i', 'range(len(x))'],
  ...['[::-1][:-1][1:][1:2]', "'''", "''''", ' a= b=  =', ' x=x', '=True=TrueTrue', 'not not  not', 'len=len(', 'sorted=sorted('],
  ...['é', 'größe', '😀', '\u{1f600}a', '\ufffd', '\u2028', '\u00a0', '\0', '\u007f', '⟨', '⟩', '⟨⟩', '⟨ans', '⟨ded⟩⟨ded⟩', 'a⟨end⟩ ', ' ⟨in⟩ = ', '⟨nothing⟩'],
];
for (let n = 0; n < count; n++) {
  const { program, input } = sampleTask(new Draws(3, n, 'tokenizer'), levels[n % levels.length]);
  const trace = await python.trace(program, input);
  const thought = writeScratchpad(trace) ?? '';
  const output = trace.verdict === 'ok' ? trace.output : '';
  texts.push(
    dialect.solve({ mode: 'deduction', program, input }) + dialect.writeAnswer('deduction', { answer: output, thought }),
    dialect.solve({ mode: 'abduction', program, output }),
    dialect.writeProposal('deduction', { program, inputs: [input], message: '', thought: '' }),
    thought,
  );
}
for (const { program } of generatePrograms(count, 5)) texts.push(program);
const all = [...Object.values(markers), ...tokenizer.pieces, 'é', '😀', '⟨', '\ufffd', '\t'];
for (let n = 0; n < count * 2; n++) {
  const draws = new Draws(4, n, 'anything');
  const pick = () => (n % 2 ? String.fromCharCode(32 + draws.below(95)) : all[draws.below(all.length)]);
  texts.push(Array.from({ length: draws.below(40) }, pick).join(''));
}
await python.dispose();
process.stdout.write(
  JSON.stringify({
    files: {
      'tokenizer.json': tokenizerJson(tokenizer),
      'tokenizer_config.json': tokenizerConfigJson(markers.end),
    },
    texts: texts.map((text) => [text, [...tokenizer.encode(text)], tokenizer.decode(tokenizer.encode(text))]),
  }),
);
