/** `npm run other-browsers [FOLDER]`: runs other-browsers.ts, which says what it is; pictures of the views go into the folder. */
import { runMain } from '../../scripts/lib.mjs';
import { loadTypeScript } from '../../scripts/typescript.mjs';

await runMain(async () => {
  const { module, close } = await loadTypeScript('tests/programs/other-browsers.ts');
  try {
    await module.main(process.argv[2]);
  } finally {
    await close();
  }
});
