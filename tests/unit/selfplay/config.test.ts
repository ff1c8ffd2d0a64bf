/** The table of keys, what it refuses and how it says so, and the presets against the original's numbers. */
import { describe, expect, it } from 'vitest';
import {
  type Config,
  ConfigError,
  checkConfig,
  configFromText,
  describeConfig,
  difference,
  type Key,
  keys,
  readConfig,
} from '../../../src/selfplay/config';
import { isPreset, presetConfig, presetNames, presetSettings, presets } from '../../../src/selfplay/presets';

const said = (given: unknown): string => {
  try {
    readConfig(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('a configuration', () => {
  it('is complete, with the defaults of the table', () => {
    const config = readConfig({});
    expect(Object.keys(config)).toEqual(keys);
    for (const { key, default: value } of describeConfig()) expect(config[key]).toEqual(value);
    expect(readConfig({ batch: 8 })).toEqual({ ...config, batch: 8 });
    expect(readConfig({ batch: undefined })).toEqual(config);
  });

  it('survives JSON and being read again', () => {
    const config = presetConfig('paper', { note: 'a = b', modes: ['error', 'deduction'] });
    expect(readConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('cannot be changed, and has lists in one order', () => {
    const config = readConfig({ modes: ['induction', 'deduction'] });
    expect(config.modes).toEqual(['deduction', 'induction']);
    expect(Object.isFrozen(config) && Object.isFrozen(config.modes)).toBe(true);
    expect(Object.is(readConfig({ 'reward.invalid': -0 })['reward.invalid'], 0)).toBe(true);
  });

  it('takes the ends of every range and nothing beyond, in the right type only', () => {
    for (const field of describeConfig()) {
      const bad: unknown[] = [null, {}, Number.NaN, Number.POSITIVE_INFINITY];
      if (field.kind === 'integer' || field.kind === 'number') {
        const [min, max] = [field.min!, field.max!];
        // Ranges may clash with other keys, but not with themselves.
        for (const value of [min, max]) {
          const own = checkConfig({ [field.key]: value }).map(({ message }) => message);
          expect(own.filter((message) => message.includes(' must be a '))).toEqual([]);
        }
        bad.push(min - 1, max + 1, '1', true, [1]);
        if (max === Number.MAX_SAFE_INTEGER) bad[bad.indexOf(max + 1)] = 1e300;
        if (field.kind === 'integer') bad.push(min + 0.5);
      } else if (field.kind === 'boolean') bad.push('true', 1, 0);
      else if (field.kind === 'choice') {
        for (const value of field.choices) {
          const own = checkConfig({ [field.key]: value }).filter(({ message }) =>
            message.includes('must be one of'),
          );
          expect(own).toEqual([]);
        }
        bad.push('', 'no such', 1, [field.default]);
      } else if (field.kind === 'choices')
        bad.push('', ['no such'], [1], [field.choices[0], field.choices[0]]);
      else bad.push(1, 'x'.repeat(5000));
      for (const value of bad) {
        expect(checkConfig({ [field.key]: value })).toEqual([
          { key: field.key, message: expect.stringMatching(/^\S+ must be .+, not .+\.$/) },
        ]);
        expect(said({ [field.key]: value }).startsWith(`${field.key} must be `)).toBe(true);
      }
    }
  });

  it.each([
    [{ batch: 0 }, 'batch must be a whole number from 1 to 4096, not 0.'],
    [
      { modes: [] },
      'modes must be a list of at least one of deduction, abduction, induction, error, each once, not [].',
    ],
    [{ 'solve.window': 0 }, 'solve.window must be a whole number from 1 to 1000000000, not 0.'],
    [{ proposer: 'on' }, 'proposer must be one of trained, frozen, off, not "on".'],
    [{ bacth: 1 }, 'There is no key "bacth": the nearest one is batch.'],
    [
      { 'reward.proposer.extremes': 0 },
      'There is no key "reward.proposer.extremes": the nearest one is reward.proposer.extreme.',
    ],
    [{ constructor: 0 }, 'There is no key "constructor": the nearest one is gate.constant.'],
    [
      { 'azr.reward.n_samples': 4 },
      'There is no key "azr.reward.n_samples": the original\'s azr.reward.n_samples is called estimate.samples here.',
    ],
    [
      { 'azr.reward.generation_reward_config.complexity_reward.coef': 4 },
      /is called intrinsic\.complexity here\.$/,
    ],
    [{ 'azr.data_selection_strategy.io_n': 4 }, /is called references here\.$/],
    [[], /^A configuration is an object/],
    [null, /^A configuration is an object/],
    ['batch=1', /^A configuration is an object/],
  ])('%j is refused with a sentence', (given, expected) => {
    expect(said(given)).toMatch(expected);
  });

  it('tells all that is wrong at once', () => {
    expect(checkConfig({ batch: 0, steps: -1, nothing: 1 }).map(({ key }) => key)).toEqual([
      'batch',
      'steps',
      'nothing',
    ]);
  });

  const clashes: [Key, Partial<Config>][] = [
    ['loss.minibatches', { batch: 2, modes: ['deduction'], 'loss.minibatches': 5 }],
    ['loss.minibatches', { batch: 2, modes: ['deduction'], proposer: 'frozen', 'loss.minibatches': 3 }],
    ['tokens.content', { 'tokens.prompt': 100, 'tokens.content': 101 }],
    ['reward.solver.right', { 'reward.solver.right': -0.5 }],
    ['estimate.samples', { 'estimate.samples': 1 }],
    ['sampling.temperature.solver', { 'sampling.temperature.solver': 0 }],
    ['evaluate.temperature', { 'evaluate.samples': 4 }],
    ['evaluate.modes', { modes: ['abduction'], 'evaluate.modes': ['deduction', 'induction'] }],
    ['estimate.reuse', { 'solve.when': 'previous-step' }],
    ['prompts.every', { 'prompts.every': 2 }],
    ['composite.min', { 'composite.chance': 0.5, 'composite.min': 2 }],
    ['composite.max', { 'composite.chance': 0.5, references: 1 }],
    ['optimizer.warmup', { steps: 10, 'optimizer.warmup': 11 }],
  ];
  it.each(clashes)('refuses %s where it clashes: %j', (key, changes) => {
    const problems = checkConfig(changes);
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0].message).toMatch(new RegExp(`${key.replaceAll('.', '\\.')}\\b.*\\.$`));
  });

  it('takes what is just within such a limit', () => {
    const within: Partial<Config>[] = [
      { batch: 2, modes: ['deduction'], 'loss.minibatches': 4 },
      { 'tokens.prompt': 100, 'tokens.content': 100 },
      { 'estimate.samples': 1, 'gate.filter': 'all', 'sampling.temperature.solver': 0 },
      { 'evaluate.samples': 4, 'evaluate.temperature': 0.6 },
      { modes: ['abduction'], 'evaluate.modes': ['deduction'], 'evaluate.every': 0 },
      { modes: ['abduction', 'deduction'], 'evaluate.modes': ['deduction'] },
      { 'solve.when': 'previous-step', 'estimate.reuse': false, 'prompts.every': 2 },
      { 'composite.chance': 0.5, 'composite.max': 2, 'composite.min': 2 },
      { 'composite.min': 2 },
      { steps: 10, 'optimizer.warmup': 10 },
    ];
    for (const changes of within) expect([changes, said(changes)]).toEqual([changes, 'accepted']);
  });
});

describe('text', () => {
  it('sets keys of every kind', () => {
    const config = configFromText([
      'batch=32',
      ' optimizer.rate = 3e-5 ',
      'steps=1_000',
      'gate.leak=false',
      'proposer=frozen',
      'modes=abduction, deduction',
      'watch.stop=',
      'note=a=b, c',
      'reward.invalid=-.5',
    ]);
    const expected = {
      batch: 32,
      'optimizer.rate': 3e-5,
      steps: 1000,
      'gate.leak': false,
      proposer: 'frozen',
      modes: ['deduction', 'abduction'],
      'watch.stop': [],
      note: 'a=b, c',
      'reward.invalid': -0.5,
    };
    expect(config).toEqual(readConfig(expected));
  });

  it('wins over a base, and later over earlier', () => {
    const config = configFromText(['batch=8', 'batch=16'], presetSettings('paper'));
    expect(config).toEqual(presetConfig('paper', { batch: 16 }));
  });

  it.each([
    ['batch', '"batch" sets nothing: write it as key=value, as in batch=32.'],
    ['batch=', 'batch must be a whole number from 1 to 4096, not "".'],
    ['batch=ten', 'batch must be a whole number from 1 to 4096, not "ten".'],
    ['batch=0x10', 'batch must be a whole number from 1 to 4096, not "0x10".'],
    ['batch=1.5', 'batch must be a whole number from 1 to 4096, not 1.5.'],
    ['gate.leak=yes', 'gate.leak must be true or false, not "yes".'],
    ['modes=', /^modes must be a list/],
    ['modes=deduction,deduction', /^modes must be a list/],
    ['steps.number=3', /^There is no key "steps.number": the nearest one is /],
  ])('%s is refused', (line, expected) => {
    expect(() => configFromText([line])).toThrow(ConfigError);
    expect(() => configFromText([line])).toThrow(expected);
  });
});

describe('descriptions', () => {
  it('has a line of help for every key, and every default is allowed', () => {
    for (const { key, help, group } of describeConfig()) {
      expect(help, key).toMatch(/^\S.{5,120}\.$/);
      expect(key.startsWith(group)).toBe(true);
    }
  });

  it('tells in what two configurations differ', () => {
    const strict = readConfig({});
    expect(difference(strict, readConfig({}))).toEqual([]);
    expect(difference(strict, readConfig({ modes: ['deduction'], batch: 8 }))).toEqual([
      { key: 'modes', from: ['deduction', 'abduction', 'induction'], to: ['deduction'] },
      { key: 'batch', from: 64, to: 8 },
    ]);
  });
});

describe('presets', () => {
  it('are all accepted, and all their changes change something', () => {
    for (const name of presetNames) {
      const base = presetConfig(presets[name].base);
      const changed = difference(base, presetConfig(name)).map(({ key }) => key);
      expect([name, [...changed].sort()]).toEqual([
        name,
        Object.keys(presets[name].changes)
          .filter((key) => !(name === 'paper-text' && key === 'advantage.floor'))
          .sort(),
      ]);
      if (name !== 'strict' && name !== 'paper') expect(changed.length).toBeGreaterThan(0);
    }
    const paper = difference(presetConfig('strict'), presetConfig('paper')).map(({ key }) => key);
    expect(paper.sort()).toEqual(Object.keys(presetSettings('paper')).sort());
  });

  it('strict is the defaults', () => {
    expect(presetConfig('strict')).toEqual(readConfig({}));
    expect(isPreset('strict') && !isPreset('toString')).toBe(true);
  });

  it('paper has every number of the original', () => {
    const expected: Partial<Config> = {
      batch: 64,
      modes: ['deduction', 'abduction', 'induction'],
      references: 6,
      'induction.inputs': 10,
      'estimate.samples': 8,
      'estimate.reuse': false,
      'sampling.temperature.proposer': 1,
      'sampling.temperature.solver': 1,
      'sampling.top-p': 1,
      'sampling.top-k': 0,
      'reward.proposer': 'one-minus',
      'reward.proposer.extreme': -0.5,
      'reward.invalid': -1,
      'reward.solver.right': 1,
      'reward.solver.wrong': -0.5,
      'reward.solver.malformed': -1,
      'reward.induction': 'binary',
      'reward.format': true,
      'reward.repetition': 0,
      'tokens.prompt': 6144,
      'tokens.content': 5600,
      'tokens.response': 8096,
      'optimizer.rate': 1e-6,
      'optimizer.schedule': 'constant',
      'optimizer.warmup': 0,
      'optimizer.beta1': 0.9,
      'optimizer.beta2': 0.999,
      'optimizer.decay': 0.01,
      'optimizer.clip': 1,
      'loss.clip.low': 0.2,
      'loss.clip.high': 0.2,
      'loss.entropy': 0.001,
      'loss.kl': 0,
      'loss.aggregation': 'token-mean',
      'loss.epochs': 1,
      'loss.minibatches': 1,
      'seeding.factor': 4,
      'seeding.clean': true,
      'buffers.capacity': 16384,
      'buffers.overflow': 'newest',
      'buffers.retire': 0,
      'references.sampling': 'uniform',
      'solve.mix': 'max-new',
      'solve.window': 1,
      'solve.when': 'previous-step',
      'solve.warmup': 0,
      'prompts.every': 1,
      'gate.filter': 'all',
      'gate.novelty': 'none',
      'gate.format': false,
      'gate.leak': false,
      'gate.constant': false,
      'gate.distinct': false,
      'advantage.baseline': 'task-relative',
      'advantage.level': 'token',
      'advantage.floor': 1e-4,
      'intrinsic.combine': 'sum',
      'intrinsic.complexity': 0,
      'intrinsic.complexity.max': 0.5,
      'composite.chance': 0,
      'dialect.parsing': 'paper',
      'prompts.template': 'plain',
      'dialect.wrapper': 'answer',
      'dialect.code-location': 'first',
      'functions.reject-multiple': true,
      'functions.rename': 'not-first',
      'inputs.reject-in-code': false,
      'evaluate.every': 10,
      'evaluate.samples': 1,
      'evaluate.temperature': 0,
      'checkpoint.every': 10,
      proposer: 'trained',
      steps: 500,
    };
    expect(presetConfig('paper')).toMatchObject(expected);
  });

  it('has the ablations of the paper', () => {
    const paper = presetConfig('paper');
    const changes = (name: Parameters<typeof presetConfig>[0]) =>
      difference(paper, presetConfig(name)).map(({ key, to }) => [key, to]);
    expect(changes('deduction-only')).toEqual([['modes', ['deduction']]]);
    expect(changes('no-induction')).toEqual([['modes', ['deduction', 'abduction']]]);
    expect(changes('no-references')).toEqual([['references', 0]]);
    expect(changes('frozen-proposer')).toEqual([['proposer', 'frozen']]);
  });
});
