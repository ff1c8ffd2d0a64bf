/** The playground as a person meets it: a question is written, checked, asked, judged, and handed on as a link. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { close } from '../../../src/app/playground/bench';
import { firstQuestion } from '../../../src/app/playground/examples';
import { columns, isSolving } from '../../../src/app/playground/solving';
import { question } from '../../../src/app/playground/state';
import { refreshModels } from '../../../src/app/state/models';
import { sandbox } from '../../../src/app/state/sandbox';
import { waits } from '../../../src/app/state/waiting';
import Playground from '../../../src/app/views/playground';
import { ModelShelf } from '../../../src/store/models';
import { tinyModel } from '../../doubles/tiny-model';
import { until } from '../../doubles/until';
import '../../../src/app/style.css';

let root: HTMLElement;
const shelf = new ModelShelf();

beforeAll(async () => {
  const files = Object.entries(await tinyModel()).map(([name, bytes]) => [name, new Blob([bytes])]);
  await shelf.add({ id: 'tiny', name: 'Tiny one', at: 0, about: null }, Object.fromEntries(files));
  await sandbox();
  await refreshModels();
});
afterAll(async () => {
  await shelf.delete('tiny');
  await close();
  await (await sandbox()).dispose();
});

const visit = (address: string) => {
  history.replaceState(null, '', address);
  dispatchEvent(new HashChangeEvent('hashchange'));
};

beforeEach(() => {
  question.value = firstQuestion;
  columns.value = [];
  visit('#/playground?model=kept:tiny&other=none&n=2&t=1');
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  render(
    <main>
      <Playground />
    </main>,
    root,
  );
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const program = () => page.getByRole('textbox', { name: 'Program' });
const written = () => (program().element() as HTMLTextAreaElement).value;
const params = () => new URLSearchParams(location.hash.split('?')[1]);

async function expectNoViolation() {
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

it('asks a model, and lets Python judge its answers', async () => {
  await page.getByRole('button', { name: 'Solve' }).click();
  await until(() => expect(columns.value[0]?.status).toBe('done'), { timeout: 120_000, interval: 200 });
  await expect.element(page.getByText('Python says that f([2, 7]) is')).toBeVisible();
  // It knows nothing: whatever it writes is no answer.
  await expect.element(page.getByText('0 of 2 right')).toBeVisible();
  expect(root.querySelectorAll('.play-answer')).toHaveLength(2);
  expect(columns.value[0].prompt).toContain('⟨ded⟩\n1:def f(x):');
  expect(waits.value).toEqual([]);
  await expectNoViolation();

  question.value = { ...question.value, input: '[3]' };
  await expect.element(page.getByText('The question was changed since.')).toBeVisible();
});

it('says what a model cannot read, and what is too long for it', async () => {
  visit(
    '#/playground?mode=abduction&program=def+f(x):%0A++return+x&output="é"&model=kept:tiny&other=none&n=1',
  );
  await page.getByRole('button', { name: 'Solve' }).click();
  await until(() => expect(columns.value[0]?.status).toBe('done'), { timeout: 120_000, interval: 200 });
  await expect
    .element(page.getByText('Its vocabulary has no é: it reads a blank sign in its place.'))
    .toBeVisible();

  const long = `def f(x):\n    return ${Array.from({ length: 600 }, (_, i) => `x * ${i % 7}`).join(' + ')}`;
  question.value = { ...question.value, mode: 'deduction', program: long, input: '1' };
  await page.getByRole('button', { name: 'Solve' }).click();
  await until(() => expect(columns.value[0]?.status).toBe('failed'), { timeout: 30_000 });
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent(/tokens, and this model reads 1,024 at once: make it shorter/);
});

it('asks nobody what is no question, and says why', async () => {
  await program().fill('def f(x):\n    return 1 / 0');
  await page.getByRole('button', { name: 'Solve' }).click();
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent('The program raises ZeroDivisionError: division by zero.');
  expect(program().element().getAttribute('aria-invalid')).toBe('true');
  expect(columns.value).toEqual([]);
  await expectNoViolation();
  await program().fill('def f(x):\n    return 1');
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
});

it('is cancelled where everything is', async () => {
  visit('#/playground?model=kept:tiny&other=none&n=16');
  await page.getByRole('button', { name: 'Solve' }).click();
  await until(() => expect(columns.value).toHaveLength(1));
  waits.value[0].cancel();
  await until(() => expect(isSolving.value).toBe(false));
  await until(() => expect(columns.value[0].status).toBe('stopped'));
  await expect.element(page.getByRole('button', { name: 'Solve' })).toBeEnabled();
});

it('has an editor that knows indentation, and lets go of the keyboard after Escape', async () => {
  await program().fill('');
  await userEvent.click(program());
  await userEvent.keyboard('def f(x):{Enter}return x');
  expect(written()).toBe('def f(x):\n    return x');
  await userEvent.keyboard('{Enter}');
  await userEvent.keyboard('{Tab}#');
  expect(written()).toBe('def f(x):\n    return x\n    #');
  await expect.element(program()).toHaveFocus();
  await userEvent.keyboard('{Escape}{Tab}');
  await expect.element(program()).not.toHaveFocus();
});

it('is in its address, whole, and can be linked to', async () => {
  await page.getByRole('radio', { name: /Abduction/ }).click();
  await page.getByRole('textbox', { name: /Output/ }).fill("'a&b'");
  await until(() => expect(params().get('output')).toBe("'a&b'"));
  const link = location.hash;
  expect(params().get('mode')).toBe('abduction');
  expect(params().get('program')).toBe(firstQuestion.program);
  await page.getByRole('radio', { name: /Induction/ }).click();
  await page.getByRole('textbox', { name: 'Input of example 1' }).fill('99');
  await until(() => expect(params().get('pairs')).toContain('["99",'));
  await expectNoViolation();

  visit(link);
  await expect.element(page.getByRole('radio', { name: /Abduction/ })).toBeChecked();
  await expect.element(page.getByRole('textbox', { name: /Output/ })).toHaveValue("'a&b'");
});

it('takes an example in place of what was written, which can be had back', async () => {
  await program().fill('def f(x):\n    return "mine"');
  await page.getByRole('button', { name: 'A choice' }).click();
  await until(() => expect(written()).toContain('if a > 9'));
  const { toasts } = await import('../../../src/app/state/toasts');
  toasts.value.find(({ action }) => action?.label === 'Undo')?.action?.run();
  await until(() => expect(written()).toContain('mine'));
});
