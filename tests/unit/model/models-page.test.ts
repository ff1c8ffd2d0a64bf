/**
 * The tables of docs/MODELS.md, made from the code that decides in the page: `WRITE_DOCS=1 npm run unit -- models-page` writes them anew.
 * Shapes of public models are held to transformers.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTime, type Range, workOf } from '../../../src/app/settings/estimate';
import { formatBytes } from '../../../src/model/bytes';
import { parseModelConfig } from '../../../src/model/config';
import { engineUse, memoryNeeds } from '../../../src/model/needs';
import { parameterCount } from '../../../src/model/parameters';
import { readConfig } from '../../../src/selfplay/config';

const root = join(import.meta.dirname, '../../..');
const golden = (file: string) =>
  JSON.parse(readFileSync(join(root, 'tests/golden/public-models', file), 'utf8')) as Record<string, unknown>;
const models = Object.entries(golden('configs.json')).map(([id, json]) => ({
  id,
  shape: parseModelConfig(json),
}));

it('our parameters are those that transformers counts', () => {
  expect(Object.fromEntries(models.map(({ id, shape }) => [id, parameterCount(shape)]))).toEqual(
    golden('counts.json'),
  );
});

const page = join(root, 'docs/MODELS.md');

function holds(mark: string, rows: string[][]): void {
  const [open, close] = [`<!-- ${mark} -->\n`, `<!-- /${mark} -->`];
  const [head, ...body] = rows;
  const line = (cells: string[]) => `| ${cells.join(' | ')} |\n`;
  const made = `\n${line(head)}${line(head.map((_, i) => (i === 0 ? '---' : '---:')))}${body.map(line).join('')}\n`;
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(open);
  const [found, after] = rest.split(close);
  if (process.env.WRITE_DOCS) writeFileSync(page, before + open + made + close + after);
  else expect(found).toBe(made);
}

it('memory is what the page says', () => {
  const [{ shape: any }] = models;
  holds('memory', [
    ['model', 'parameters', 'download in BF16', ...memoryNeeds(any).map(({ what }) => `memory ${what}`)],
    ...models.map(({ id, shape }) => [
      id,
      `${(parameterCount(shape) / 1e6).toFixed(0)}M`,
      formatBytes(2 * parameterCount(shape)),
      ...memoryNeeds(shape).map(({ plan, least }) =>
        [...new Set([least, plan].map(({ total }) => formatBytes(total)))].join(' to '),
      ),
    ]),
  ]);
});

/** As src/engine/ort/web.ts has it: what the engine takes at most in a browser. */
const rooms = { 'WebGPU, 4 GiB': 4 * 2 ** 30, 'WebAssembly, 3 GiB': 3 * 2 ** 30 };

it('what fits is what the page says', () => {
  const [{ shape: any }] = models;
  const uses = memoryNeeds(any).map(({ what }) => what);
  const largest = (budgetBytes: number, use: number) => {
    const limits = { maxBufferSize: Infinity, maxBindingSize: Infinity, budgetBytes };
    const fitting = models.filter(({ shape }) => memoryNeeds(shape, limits)[use].least.verdict.fits);
    expect(models.slice(0, fitting.length)).toEqual(fitting); // so that one can say "up to"
    return fitting.at(-1)?.id.split('/')[1].replace('-Instruct', '') ?? 'none';
  };
  holds('fits', [
    ['the largest of them', ...uses],
    ...Object.entries(rooms).map(([name, bytes]) => [name, ...uses.map((_, use) => largest(bytes, use))]),
  ]);
});

/** Numbers that a device multiplies and adds in a second, times two; bytes of weights that it reads in one. */
const devices = [
  { name: 'processor, 2 cores', flops: 40e9, bytes: 10e9 },
  { name: 'laptop GPU', flops: 0.45e12, bytes: 60e9 },
  { name: 'large GPU', flops: 3.5e12, bytes: 400e9 },
];
const step = readConfig({
  batch: 8,
  'tokens.prompt': 1024,
  'tokens.content': 768,
  'tokens.response': 512,
  'estimate.samples': 4,
});
const [low, high] = [workOf(step, 'low').step, workOf(step, 'high').step];

it('time is what the page says', () => {
  const thousands = (from: number, to: number) =>
    `${Math.round(from / 1000)} to ${Math.round(to / 1000)} thousand`;
  const words = `${thousands(low.sampled, high.sampled)} tokens written and ${thousands(low.trained, high.trained)} learned from`;
  expect(readFileSync(page, 'utf8').replace(/\s+/g, ' ')).toContain(words);
  holds('time', [
    ['model', ...devices.map(({ name }) => name)],
    ...models.map(({ id, shape }) => [
      id,
      ...devices.map(({ flops, bytes }) => {
        const parameters = parameterCount(shape);
        const { sampleBatch } = engineUse(shape, step['tokens.prompt'] + step['tokens.response']);
        const written = Math.max((2 * parameters) / flops, (4 * parameters) / bytes / sampleBatch);
        const learned = (6 * parameters) / flops;
        const seconds = ({ sampled, trained }: typeof low) => sampled * written + trained * learned;
        const range: Range = { low: seconds(low), high: seconds(high) };
        return inTime(range).replace('about ', '');
      }),
    ]),
  ]);
});
