/** The tasks that ship with the project, from a terminal: asked, compared, and kept out of a run on either side of the page. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, lastLine } from './command-line';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-held-out-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

it('eval asks some of them and tells of each, and compare reads that', async () => {
  const { code, stdout } = await cli(
    ...[
      'eval',
      '--model',
      'random',
      '--tasks',
      'builtin',
      '--levels',
      '1,3',
      '--limit',
      '1',
      '--backend',
      'node',
    ],
    ...['--set', 'dialect=compact', '--set', 'tokens.response=8', '--details', '--json'],
  );
  expect(code).toBe(0);
  const { results, details } = lastLine(stdout);
  expect(results).toHaveLength(9);
  expect(details.map(({ id }: { id: string }) => id)).toEqual(
    [1, 3].flatMap((level) =>
      ['deduction', 'abduction', 'induction'].map((mode) => `open-${level}-000-${mode}`),
    ),
  );
  writeFileSync(at('a.json'), stdout);
  const compared = await cli('compare', at('a.json'), at('a.json'), '--json');
  expect(lastLine(compared.stdout).comparisons).toHaveLength(9 + 6);
});

describe.each(['node', 'wasm'])('a run on %s', (backend) => {
  it('does not begin with one of their programs, written in another way', async () => {
    const sealed = readFileSync(resolve(import.meta.dirname, '../../public/held-out/sealed.jsonl'), 'utf8');
    const { program, input } = JSON.parse(sealed.split('\n')[0]);
    const other = `${program.replace('return ', 'r = ')}\n    return r`;
    writeFileSync(at('seeds.jsonl'), `${JSON.stringify({ program: other, input })}\n`);
    const begin = (...more: string[]) =>
      cli(
        ...['train', '--model', 'random', '--steps', '0', '--backend', backend, '--seeds', at('seeds.jsonl')],
        ...['--set', 'dialect=compact', '--set', 'tokens.prompt=200', '--set', 'tokens.response=16'],
        ...['--set', 'tokens.content=150', '--set', 'modes=deduction', ...more],
      );
    const { code, stderr } = await begin();
    expect([code, stderr]).toEqual([1, expect.stringContaining('the run is tested with this program')]);
    expect(await begin('--set', 'gate.held-out=false')).toMatchObject({ code: 0 });
  });
});
