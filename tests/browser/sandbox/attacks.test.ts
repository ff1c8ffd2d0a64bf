/**
 * Hostile programs and hostile answers, against three sandboxes: the one that users get, the same with its inner gate off, so that
 * the outer wall stands alone, and a plain worker, which must fail, or the attacks would prove nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checked, Executor, Outcome } from '../../../src/sandbox/executor';
import { openSandbox } from '../../../src/sandbox/sandbox';
import { inProofs } from '../../whole';
import { attacks } from './attacks';
import { type Attack, type Good, goodPrograms } from './attacks/attack';
import {
  type Address,
  asCheck,
  type Encounter,
  goodCheck,
  isRight,
  label,
  meet,
  outcomes,
  settle,
  worstOf,
} from './attacks/meeting';
import { NaivePage } from './attacks/naive-page';
import { addresses, count, setTraps, type Traps } from './canary';

/** Good programs in a crowd of attacks. */
const among = inProofs(300, { else: 150 });

let address: Address;

beforeAll(async () => {
  address = await addresses();
});

const hitsOf = async (run: string) =>
  Object.keys((await count()).hits).filter((name) => name.startsWith(`${run}/`));

/** The good programs that were not answered rightly, with what was answered. */
const wrongAnswers = (goods: Good[], checked: Checked[]) =>
  goods.flatMap((good, i) => (isRight(good, checked[i]) ? [] : [[good, outcomes(checked[i])[0]]]));

function expectRefused({ attack, checked, probe }: Encounter): void {
  const worst = worstOf(checked);
  expect(attack.accept, describeOutcome(worst)).toContain(worst.verdict);
  if (worst.verdict === 'ok' && attack.output !== undefined) expect(worst.output).toBe(attack.output);
  if (checked.kind === 'judge') expect(checked.judgement.correct).toBe(false);
  expect(isRight(attack.probe, probe), `the next program: ${describeOutcome(outcomes(probe)[0])}`).toBe(true);
}

const describeOutcome = (outcome: Outcome) =>
  outcome.verdict === 'ok' ? `ok: ${outcome.output}` : `${outcome.verdict}: ${outcome.reason}`;

const families = [...new Set(attacks.map(({ family }) => family))];
const options = { keepImages: false, limits: { softTime: 300, hardTime: 1_000 } };

describe('the attacks', () => {
  it('are at least 140, each with a name of its own and an expectation', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(140);
    expect(new Set(attacks.map((attack) => label('', attack))).size).toBe(attacks.length);
    for (const { accept, output, question, name } of attacks) {
      if (!question && accept.includes('ok')) expect(output, name).toBeDefined();
    }
  });
});

describe('the sandbox', () => {
  let executor: Executor;
  let traps: Traps;
  let met: Map<Attack, Encounter>;

  beforeAll(async () => {
    executor = await openSandbox(options);
    traps = await setTraps();
    met = await meet(executor, 'guarded', attacks, address);
    await settle();
  });
  afterAll(async () => {
    await executor.dispose();
    await traps.remove();
  });

  describe.each(families)('%s', (family) => {
    it.each(attacks.filter((attack) => attack.family === family))('$name', (attack) => {
      expectRefused(met.get(attack) as Encounter);
    });
  });

  it('tells every verdict in a short sentence', () => {
    const reasons = [...met.values()].flatMap(({ checked }) =>
      outcomes(checked).map((outcome) => ('reason' in outcome ? outcome.reason : '')),
    );
    expect(reasons.filter((reason) => reason.length > 1000)).toEqual([]);
  });

  it('let nothing out', async () => {
    expect(await hitsOf('guarded')).toEqual([]);
    expect(await traps.damage()).toEqual([]);
  });

  it('still answers', async () => {
    const goods = goodPrograms(50);
    expect(wrongAnswers(goods, await executor.check(goods.map(goodCheck)))).toEqual([]);
  });

  it(`answers ${among} good programs rightly among the attacks, all at once`, async () => {
    const goods = goodPrograms(among);
    // Of those that only wait for a clock a few are enough to keep it busy.
    const busy = inProofs(3, { else: 12 });
    const order = shuffled([...goods, ...attacks.filter(({ hangs }, i) => !hangs || i % busy === 0)]);
    const checked = await executor.check(
      order.map((item) => ('family' in item ? asCheck(item, 'guarded', address) : goodCheck(item))),
    );
    const mine = order.flatMap((item, i) => ('family' in item ? [] : [[item, checked[i]] as const]));
    expect(
      wrongAnswers(
        mine.map(([good]) => good),
        mine.map(([, answer]) => answer),
      ),
    ).toEqual([]);
    expect(await hitsOf('guarded')).toEqual([]);
  });
});

describe('the outer wall alone', () => {
  // Loops and bombs show nothing here that they did not show above, and most of them cost an interpreter each.
  const these = attacks.filter(({ family, hangs }) => family !== 'bombs' && !hangs);
  let executor: Executor;
  let traps: Traps;
  let met: Map<Attack, Encounter>;

  beforeAll(async () => {
    executor = await openSandbox({ ...options, unguarded: true });
    traps = await setTraps();
    met = await meet(executor, 'unguarded', these, address);
    await settle();
  });
  afterAll(async () => {
    await executor.dispose();
    await traps.remove();
  });

  it('lets nothing out', async () => {
    expect(await hitsOf('unguarded')).toEqual([]);
    expect(await traps.damage()).toEqual([]);
  });

  // Whoever has JavaScript can leave a timer that breaks its interpreter later, under the next program. That may cost this program
  // its run, never give it a value that is not its own, and asked again it is answered.
  it.each(families.filter((family) => family !== 'bombs'))(
    'keeps %s from the next program',
    async (family) => {
      const disturbed = [...met.values()].filter(
        ({ attack, probe }) => attack.family === family && !isRight(attack.probe, probe),
      );
      const verdicts = disturbed.map(({ attack, probe }) => [attack.name, outcomes(probe)[0].verdict]);
      expect(verdicts.filter(([, verdict]) => verdict !== 'crash' && verdict !== 'timeout')).toEqual([]);
      const goods = disturbed.map(({ attack }) => attack.probe);
      expect(wrongAnswers(goods, await executor.check(goods.map(goodCheck)))).toEqual([]);
    },
  );

  it('takes no wrong answer for a right one', () => {
    const fooled = [...met.values()]
      .filter(({ checked }) => checked.kind === 'judge' && checked.judgement.correct)
      .map(({ attack }) => attack.name);
    expect(fooled).toEqual([]);
  });

  it('still answers', async () => {
    const goods = goodPrograms(50);
    expect(wrongAnswers(goods, await executor.check(goods.map(goodCheck)))).toEqual([]);
  });
});

describe('the same against a plain worker', () => {
  const page = new NaivePage();
  const of = (...names: string[]) => attacks.filter(({ family, hangs }) => names.includes(family) && !hangs);
  const ask = (attack: Attack) =>
    page.ask({ program: address(attack.program as string, label('bare', attack)), input: attack.inputs[0] });

  afterAll(() => page.restart());

  it('requests reach the network', async () => {
    for (const attack of of('network')) await ask(attack);
    await settle(1000);
    page.restart();
    const hits = await hitsOf('bare');
    expect(hits.length).toBeGreaterThanOrEqual(20);
  });

  it('the data of the page is read and destroyed', async () => {
    const traps = await setTraps();
    for (const attack of of('storage')) await ask(attack);
    await settle();
    const damage = await traps.damage();
    page.restart();
    await traps.remove();
    expect(damage).toEqual(
      expect.arrayContaining([
        'broadcast: stolen worth keeping',
        'lock: stolen',
        'gone: in the database: worth keeping',
        'gone: in the cache: worth keeping',
        'gone: in the file: worth keeping',
        'new: file hostile.txt',
      ]),
    );
  });

  it('results are forged', async () => {
    const names = ['postMessage', 'postMessage from Python', 'a message to itself', 'a patched postMessage'];
    const believed: string[] = [];
    for (const attack of of('forgery').filter(({ name }) => names.includes(name))) {
      const answer = await ask(attack);
      if (answer !== 'killed' && 'output' in answer && answer.output.includes('forged'))
        believed.push(attack.name);
      page.restart();
    }
    expect(believed).toEqual(names);
  });

  it('programs change the next one', async () => {
    // A sample, all in one worker, in an order in which no damage hides another.
    const names = [
      'an abstract class that takes in int',
      'the precision of Decimal',
      'a name for the next program',
      'heapq',
      'partial and reduce',
      '__build_class__',
      'a lower recursion limit',
      'built-in names',
    ];
    const disturbed: string[] = [];
    for (const name of names) {
      const attack = of('residue', 'tampering').find((attack) => attack.name === name) as Attack;
      await ask(attack);
      const answer = await page.ask({ program: attack.probe.program, input: attack.probe.input });
      if (answer === 'killed' || !('output' in answer) || answer.output !== attack.probe.output) {
        disturbed.push(name);
      }
    }
    page.restart();
    expect(disturbed).toEqual(names);
  });

  it('wrong answers are right', async () => {
    const fooled: string[] = [];
    for (const { name, question } of of('literals', 'equality')) {
      if (!question || JSON.stringify(question).length > 2000) continue;
      const answer = await page.ask(question);
      if (answer !== 'killed' && 'output' in answer && answer.output === 'true') fooled.push(name);
    }
    expect(fooled).toEqual(
      expect.arrayContaining([
        'deduction: eval of it',
        'abduction: or True',
        '__eq__',
        'a program whose values equal all',
      ]),
    );
  });
});

/** The same order in every run. */
function shuffled<T>(items: T[]): T[] {
  const all = [...items];
  let state = 7;
  for (let i = all.length - 1; i > 0; i--) {
    state = (state * 48271) % 2147483647;
    const j = state % (i + 1);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}
