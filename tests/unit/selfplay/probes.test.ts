/** Probes: what they depend on, and, with programs run by a real Python, what they tell apart and what they do not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits, failures, type Outcome } from '../../../src/sandbox/executor';
import { parseArguments } from '../../../src/sandbox/literal';
import { behaviourOf, isConstant, probesFor } from '../../../src/selfplay/probes';
import { openPython, type Python } from '../sandbox/interpreter';

const ok = (output: string): Outcome => ({ verdict: 'ok', output, ms: 0, steps: 0 });
const failed = (verdict: (typeof failures)[number]): Outcome => ({ verdict, reason: '', ms: 0, steps: 0 });

describe('probes', () => {
  const alike: [string, string][] = [
    ['3', '-12345678901234567890'],
    ['3, 4', '1,0'],
    ["'abc'", '""'],
    ['[1, 2]', '[]'],
    ["[1, 'a']", '[7]'],
    ['[[1], []]', '[[], [2]]'],
    ["{'a': 1}", "{'b': 2, 'c': None}"],
    ['{1, 2}', 'set()'],
    ['(1.5,)', '(2.5, 3.5)'],
    ['(1, 2)', '()'],
    ["(1, 'a')", "(2, 'b')"],
    ['[(1, 2), (3, 4)]', '[(5, 6)]'],
    ["a=1, b='x'", "b='y', a=2"],
    ['*[1, 2]', '3, 4'],
    ['[[[[1]]]]', '[[[["a"]]]]'],
    ['True', 'False'],
  ];

  it.each(alike)('are the same for %s and %s', (a, b) => {
    expect(probesFor(a)).toEqual(probesFor(b));
  });

  const kinds = [
    ...['3', '3.0', 'True', "'a'", "b'a'", '1j', '1, 2', "1, 'a'", "'a', 1", '[1]', '(1,)', '{1}', '[[1]]'],
    ...[
      "['a']",
      '{1: 2}',
      "{1: 'a'}",
      "{'a': 1}",
      'frozenset({1})',
      'a=1',
      'b=1',
      '1, a=1',
      '[(1, 2)]',
      '{(1, 2): []}',
    ],
  ];

  it('are others for every other kind of arguments', () => {
    expect(new Set(kinds.map((kind) => probesFor(kind).join('\n'))).size).toBe(kinds.length);
  });

  it.each([...kinds, "1, [2], 'x', {3: [4]}", '[[[[1]]]]', `${'[[[1]]], '.repeat(15)}[[[1]]]`])(
    'are different argument lists that can be read: %s',
    (input) => {
      const probes = probesFor(input);
      expect(probes.length).toBeGreaterThanOrEqual(input === 'True' ? 4 : input === '1j' ? 6 : 10);
      expect(probes.length).toBeLessThanOrEqual(16);
      expect(new Set(probes).size).toBe(probes.length);
      const own = parseArguments(input);
      for (const probe of probes) {
        const parsed = parseArguments(probe);
        if (!parsed.ok || !own.ok) throw new Error(`${probe}: ${!parsed.ok && parsed.reason}`);
        expect(parsed.positional.length).toBe(own.positional.length);
        expect(parsed.named.map(([name]) => name)).toEqual(own.named.map(([name]) => name));
        expect(probe.length).toBeLessThan(defaultLimits.source);
      }
    },
  );

  it.each(['', '  ', '1 +', 'f(2)', '*[]', Array(17).fill('1').join()])('are none for %j', (input) => {
    expect(probesFor(input)).toEqual([]);
    expect(behaviourOf(input, [ok('1'), ok('2')])).toBe('');
  });

  it('do not put the values of two arguments side by side in one order', () => {
    const pairs = probesFor('1, 2').map((probe) => probe.split(', ').map(Number));
    const threes = probesFor('1, 2, 3').map((probe) => probe.split(', '));
    expect(threes.filter(([a, b, c]) => a === b && b === c).length).toBe(2);
    expect(pairs.some(([a, b]) => a < b) && pairs.some(([a, b]) => a > b)).toBe(true);
    const flags = probesFor('True, True').map((probe) =>
      probe.replaceAll('1', 'True').replaceAll('0', 'False'),
    );
    expect(new Set(flags).size).toBe(4);
  });
});

describe('behaviour', () => {
  const outcomes = [ok('1'), ok('2'), failed('error')];
  const behaviour = behaviourOf('3', outcomes);

  it('is a short text', () => {
    expect(behaviour).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, string, Outcome[]]>([
    ['another value', '3', [ok('1'), ok('3'), failed('error')]],
    ['another order', '3', [ok('2'), ok('1'), failed('error')]],
    ['a value for an error', '3', [ok('1'), ok('2'), ok('error')]],
    ['another failure', '3', [ok('1'), ok('2'), failed('unsupported-value')]],
    ['one more', '3', [...outcomes, failed('error')]],
    ['another signature', "'3'", outcomes],
    ['a name', 'a=3', outcomes],
  ])('is another one for %s', (_what, input, others) => {
    expect(behaviourOf(input, others)).toMatch(/^[0-9a-f]{16}$/);
    expect(behaviourOf(input, others)).not.toBe(behaviour);
  });

  it('is the same for another input of its kind, and for other times', () => {
    expect(behaviourOf('4', outcomes)).toBe(behaviour);
    expect(
      behaviourOf(
        '4',
        outcomes.map((outcome) => ({ ...outcome, ms: 7, steps: 9, reason: 'slow' })),
      ),
    ).toBe(behaviour);
  });

  it('does not tell failures apart that may depend on the machine', () => {
    const tell = (verdict: (typeof failures)[number]) =>
      behaviourOf('3', [ok('1'), ok('2'), failed(verdict)]);
    expect(new Set(failures.map(tell)).size).toBe(failures.length - 2);
    expect(new Set((['timeout', 'memory', 'crash'] as const).map(tell)).size).toBe(1);
  });

  it('is not known from less than two values', () => {
    expect(behaviourOf('3', [])).toBe('');
    expect(behaviourOf('3', [ok('1'), failed('error'), failed('timeout')])).toBe('');
    expect(behaviourOf('3', [ok('1'), failed('error'), ok('1')])).not.toBe('');
  });

  it('is rarely the same by chance', () => {
    const made = Array.from({ length: 20_000 }, (_, i) => behaviourOf('3', [ok(`${i}`), ok(`${-i}`)]));
    for (const half of [0, 8])
      expect(new Set(made.map((b) => b.slice(half, half + 8))).size).toBeGreaterThan(19_990);
    expect(new Set(made).size).toBe(20_000);
  });
});

describe('with a real Python', () => {
  let python: Python;
  beforeAll(async () => {
    python = await openPython();
    python(`
import json
def probed(source, inputs):
    names, seen = {}, []
    exec(source, names)
    for text in json.loads(inputs):
        try:
            seen.append(['ok', repr(eval(f'f({text})', names))])
        except Exception as error:
            seen.append(['error', ''])
    return json.dumps(seen)
`);
  });
  const run = (body: string, inputs: string[]): Outcome[] => {
    const source = `def f(a, b=0):\n    ${body.replaceAll('\n', '\n    ')}`;
    const seen = python('probed(source, inputs)', { source, inputs: JSON.stringify(inputs) }) as string;
    return (JSON.parse(seen) as [string, string][]).map(([verdict, output]) =>
      verdict === 'ok' ? ok(output) : failed('error'),
    );
  };
  const behave = (body: string, input: string) => behaviourOf(input, run(body, probesFor(input)));

  it.each([
    ['return a + 1', 'return 1 + a', '5', '77'],
    ['return sum(range(a + 1))', 'return a * (a + 1) // 2 if a > 0 else 0', '4', '9'],
    ['return a[::-1]', "return ''.join(reversed(a))", "'ab'", "'Other'"],
    ['return sorted(a)', 'r = list(a)\nr.sort()\nreturn r', '[3, 1]', '[]'],
    ['return max(a, b)', 'return b if b > a else a', '1, 2', '5, 4'],
    ['return a[0]', 'x, *_ = a\nreturn x', '[1]', '[2, 3]'],
  ])('%s does what %s does', (one, other, input, its) => {
    expect(behave(one, input)).toBe(behave(other, its));
    expect(behave(one, input)).not.toBe('');
  });

  it.each<[string, string[]]>([
    [
      '5',
      [
        'a',
        '-a',
        'abs(a)',
        'a + 1',
        'a * 2',
        'a * a',
        'a ** 3',
        'a // 2',
        'a % 2',
        'a % 3',
        'str(a)',
        'str(a)[::-1]',
        'a > 0',
      ]
        .concat([
          'a >= 0',
          'a == 0',
          'a % 2 == 0',
          'a ^ 1',
          'bin(a)',
          'hex(a)',
          'bool(a)',
          'len(str(a))',
          '1 / a',
        ])
        .concat([
          'int(a ** 0.5) if a > 0 else 0',
          'sum(map(int, str(abs(a))))',
          'range(a)',
          'a > 5',
          'a > 10',
          'a < 100',
        ]),
    ],
    [
      '1, 2',
      [
        'a + b',
        'a - b',
        'b - a',
        'a * b',
        'a // b',
        'a % b',
        'a / b',
        'a > b',
        'a >= b',
        'a == b',
        'max(a, b)',
        'min(a, b)',
      ].concat([
        'a',
        'b',
        'abs(a - b)',
        'a ^ b',
        'a & b',
        'a | b',
        '(a, b)',
        '(b, a)',
        'sorted((a, b))',
        'a or b',
        'a and b',
      ]),
    ],
    [
      "'abc'",
      [
        'a',
        'a[::-1]',
        'a.upper()',
        'a.lower()',
        'a.swapcase()',
        'a.title()',
        'a.capitalize()',
        'len(a)',
        'a.strip()',
      ]
        .concat([
          'a.split()',
          'a.split(",")',
          'sorted(a)',
          'sorted(set(a))',
          'a == a[::-1]',
          'a.isdigit()',
          'a.isalpha()',
          'a.isalnum()',
        ])
        .concat([
          'a[0]',
          'a[:1]',
          'a[-1]',
          'a[::2]',
          'a[1::2]',
          'a * 2',
          'sum(c in "aeiou" for c in a)',
          'a.count("a")',
          'a.replace("a", "b")',
        ])
        .concat([
          'sum(c.isupper() for c in a)',
          'sum(c.isdigit() for c in a)',
          'a.islower()',
          'max(a)',
          'len(a.split())',
          'a.find("s")',
        ]),
    ],
    [
      '[1, 2]',
      [
        'a',
        'a[::-1]',
        'sorted(a)',
        'sorted(a, reverse=True)',
        'sum(a)',
        'max(a)',
        'min(a)',
        'len(a)',
        'a[0]',
        'a[-1]',
      ]
        .concat([
          'sorted(set(a))',
          'len(set(a))',
          'a == a[::-1]',
          'a == sorted(a)',
          '[x for x in a if x > 0]',
          '[x * 2 for x in a]',
        ])
        .concat([
          '[x for x in a if x % 2]',
          'sum(x * x for x in a)',
          'a[1:]',
          'a[:-1]',
          'sum(a) / len(a)',
          'max(a) - min(a)',
          'a[::2]',
        ])
        .concat([
          'list(dict.fromkeys(a))',
          'a.count(3)',
          'sum(a[::2])',
          'len(a) > 2',
          'sum(a) > 10',
          'sorted(a)[len(a) // 2]',
          'bool(a)',
        ]),
    ],
    [
      "{'x': 1}",
      [
        'a',
        'len(a)',
        'sum(a.values())',
        'list(a)',
        'sorted(a)',
        'list(a.values())',
        'max(a.values())',
        '{v: k for k, v in a.items()}',
      ].concat([
        'max(a, key=a.get)',
        'min(a)',
        '{k: v for k, v in a.items() if v > 1}',
        'sum(map(len, a))',
        'sorted(a.items())',
      ]),
    ],
    ['True', ['a', 'not a', 'a is True', 'a + 1', '"yes" if a else "no"']],
    [
      '[[1], [2]]',
      [
        'a',
        'sum(a, [])',
        '[sum(x) for x in a]',
        '[len(x) for x in a]',
        'max(map(len, a))',
        '[x[::-1] for x in a]',
        'sorted(a)',
      ],
    ],
    [
      '[(1, 2)]',
      [
        'a',
        '[x for x, y in a]',
        'sorted(a, key=lambda p: p[-1:])',
        'dict(x for x in a if len(x) == 2)',
        'len(a)',
      ],
    ],
  ])('what takes %s is told apart', (input, bodies) => {
    const behaviours = bodies.map((body) => behave(`return ${body}`, input));
    const same = bodies.filter((_, i) => behaviours[i] === '' || behaviours.indexOf(behaviours[i]) !== i);
    expect(same).toEqual([]);
  });

  it.each([
    ['return 42', '5', true],
    ["return 'x' if a == a else a", '[1]', true],
    ['return a - a', '5', true],
    ['return 1 if a else 1', 'True', true],
    ['return 100 // a * 0', '5', true],
    ['return b', 'a=1, b=2', false],
    ['return a', '5', false],
    ['return not a', 'True', false],
    ['return a > 143', '5', false],
    ['return a == []', '[1]', false],
    ['return len(a) > 18', "'abc'", false],
    ['return 1 // (a > 50)', '60', false],
  ])('%s, given %s, is constant: %s', (body, input, constant) => {
    const [own, ...outcomes] = run(body, [input, ...probesFor(input)]);
    if (own.verdict !== 'ok') throw new Error('its own input fails');
    expect(isConstant(own.output, outcomes)).toBe(constant);
  });
});

describe('constancy', () => {
  it.each([
    ['three values like its own', [ok('1'), ok('1'), ok('1'), failed('error')], true],
    ['two', [ok('1'), ok('1'), failed('error')], false],
    ['one that is another', [ok('1'), ok('1'), ok('1'), ok('2')], false],
    ['all alike, but not its own', [ok('2'), ok('2'), ok('2')], false],
    ['none', [], false],
  ])('%s', (_what, outcomes, constant) => {
    expect(isConstant('1', outcomes)).toBe(constant);
  });
});
