/** A model by its name on the command line: what is read of it, and which settings suit it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModel } from '../../../src/cli/models';
import { readSettings } from '../../../src/cli/settings';
import { baseModelFiles } from '../../../src/selfplay/model-files';
import { tinyModel } from '../../doubles/tiny-model';

let folder = '';
const write = (file: string, content: Uint8Array | string) => writeFileSync(join(folder, file), content);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zeroloop-models-'));
  for (const [name, bytes] of Object.entries(await tinyModel())) write(name, bytes);
});
afterEach(() => rmSync(folder, { recursive: true }));

const opened = async (name: string, set: string[] = []) => {
  const model = await readModel(name, folder);
  const { config } = await readSettings({ set }, model.settings);
  const { source, name: words } = await model.open(config);
  return { config, words, files: source.kind === 'files' ? Object.keys(source.files).sort() : null };
};

describe('builtin', () => {
  it('is the base model, and nothing else that may lie beside it', async () => {
    write('README.md', 'about it');
    const { words, files, config } = await opened('builtin');
    expect(words).toMatch(/^the base model, 2 layers of 32, \d+ thousand parameters$/);
    expect(files).toEqual([...baseModelFiles].sort());
    expect(config).toMatchObject({ dialect: 'compact', 'induction.inputs': 8 });
    expect(config).toMatchObject({ 'tokens.prompt': 512, 'tokens.content': 512, 'tokens.response': 512 });
  });

  it('is trained as somebody says who says it', async () => {
    const { config } = await opened('builtin', ['tokens.response=100', 'induction.inputs=4']);
    expect(config).toMatchObject({ 'tokens.prompt': 512, 'tokens.response': 100, 'induction.inputs': 4 });
  });

  it.each(baseModelFiles)('is missing without its %s, and the sentence says what makes it', async (file) => {
    rmSync(join(folder, file));
    await expect(readModel('builtin', folder)).rejects.toMatchObject({
      exitCode: 2,
      message: `The base model is missing (there is no ${join(folder, file)}): npm run warmup makes it.`,
    });
  });
});

describe('a folder', () => {
  it('with pieces speaks compact, with whatever else is in it', async () => {
    write('LICENSE', 'free');
    const { files, config } = await opened(folder);
    expect(files).toEqual([...baseModelFiles, 'LICENSE'].sort());
    expect(config.dialect).toBe('compact');
  });

  it('without a tokenizer is as any model, and its settings are', async () => {
    for (const file of ['tokenizer.json', 'tokenizer_config.json']) rmSync(join(folder, file));
    const { config } = await opened(folder);
    expect(config).toEqual((await readSettings({})).config);
  });
});
