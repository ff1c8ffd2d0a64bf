/**
 * @file How a model of Hugging Face's is spoken to, out of its own files: which tokens end what it writes, and whether its prompts are
 * turns of a chat. Base models ship with the chat template and the tags of their siblings, which they were never trained on; so a
 * template is believed only if the turns that it writes end as the model's own files say that its texts end.
 */

import { type ByteSource, readText } from '../model/bytes';
import { InvalidConfigError, TokenizerError } from '../model/errors';
import { Fields, isJsonObject, type JsonObject } from '../model/fields';
import type { Config, Settings } from './config';
import type { Frame, Vocabulary } from './dialect';
import { type Chat, FramedTokenizer, type HubTokenizer, readChatTemplate } from './dialects';
import { RunError } from './errors';

export type Files = Readonly<Record<string, ByteSource | undefined>>;

const generationFile = 'generation_config.json';
const tokenizerConfigFile = 'tokenizer_config.json';
const templateFile = 'chat_template.jinja';

/** What belongs to a model's language besides tokenizer.json, where a model has it. */
export const languageFiles = [
  tokenizerConfigFile,
  'special_tokens_map.json',
  'added_tokens.json',
  templateFile,
  generationFile,
] as const;

export async function hubVocabulary(
  hub: HubTokenizer,
  files: Files,
  config: Settings<'prompts.template' | 'dialect.wrapper'>,
): Promise<Vocabulary> {
  const settings = await readJson(files, tokenizerConfigFile);
  const named = namedTokens({ ...(await readJson(files, 'special_tokens_map.json')), ...settings });
  const declared = await declaredStops(hub, files, named.eos_token);
  const chat = await chatOf(files, settings, named, config['prompts.template']);
  const turn = chat && endOfTurn(hub, chat);
  const wanted = config['prompts.template'] === 'chat' || declared.length === 0;
  const chats = chat !== null && (wanted || declared.some((id) => id === turn));
  const stop = [...new Set([...(chats && turn !== null ? [turn] : []), ...declared])];
  if (stop.length === 0)
    throw new TokenizerError(
      `The files of this model do not say how its texts end: add eos_token_id to ${generationFile}.`,
    );
  const frame = chats ? chatFrame(hub, chat, config['dialect.wrapper']) : textFrame(hub);
  return { tokenizer: new FramedTokenizer(hub, frame, stop), stop, frame };
}

/** No tag is a token here: a base model may have such tokens and never have seen one. */
const textFrame = (hub: HubTokenizer): Frame => ({
  kind: 'text',
  before: hub.start,
  after: '',
  opening: '',
  tagsAreTokens: false,
});

function chatFrame(hub: HubTokenizer, chat: Chat, wrapper: Config['dialect.wrapper']): Frame {
  const { before, after } = chat;
  const tagsAreTokens = chat.thinks && hub.controls.has('<think>') && hub.controls.has('</think>');
  // The wrapper `answer` begins within a thought. Some templates begin it themselves.
  const isOpen = wrapper !== 'answer' || /<think>\s*$/.test(after);
  // A model that has the tag as a token is used to a line of its own for it.
  const opening = isOpen ? '' : tagsAreTokens ? '<think>\n' : '<think>';
  return { kind: 'chat', before, after, opening, tagsAreTokens };
}

async function chatOf(
  files: Files,
  settings: JsonObject,
  named: Record<string, string>,
  wanted: Config['prompts.template'],
): Promise<Chat | null> {
  if (wanted === 'plain') return null;
  const file = files[templateFile];
  const source = file ? await readText(file) : templateIn(settings.chat_template);
  if (source !== null) return readChatTemplate(source, named);
  if (wanted === 'auto') return null;
  throw new RunError(
    'prompts.template is chat, and this model has no chat template: set prompts.template=plain, or choose a model that can chat.',
  );
}

/** One, or several by name. */
function templateIn(given: unknown): string | null {
  if (typeof given === 'string') return given;
  if (!Array.isArray(given)) return null;
  const named = given.find((each: unknown) => isJsonObject(each) && each.name === 'default');
  return isJsonObject(named) && typeof named.template === 'string' ? named.template : null;
}

/** The first control token behind what an assistant says. */
function endOfTurn(hub: HubTokenizer, { ending }: Chat): number | null {
  return hub.cut(ending).find((part) => typeof part === 'number') ?? null;
}

/** bos_token and the like, by name; written as texts or as objects. */
function namedTokens(json: JsonObject): Record<string, string> {
  const entries = Object.entries(json).flatMap(([name, value]): [string, string][] => {
    if (!name.endsWith('_token')) return [];
    const text = isJsonObject(value) ? value.content : value;
    return typeof text === 'string' ? [[name, text]] : [];
  });
  return Object.fromEntries(entries);
}

async function declaredStops(hub: HubTokenizer, files: Files, eos: string | undefined): Promise<number[]> {
  const lists = [generationFile, 'config.json'].map(async (name) =>
    new Fields(await readJson(files, name), name).tokenIds('eos_token_id', []),
  );
  const own = eos === undefined ? undefined : hub.controls.get(eos);
  return [...(await Promise.all(lists)).flat(), ...(own === undefined ? [] : [own])];
}

/** Empty where there is no such file. */
export async function readJson(files: Files, name: string): Promise<JsonObject> {
  const file = files[name];
  if (!file) return {};
  let json: unknown;
  try {
    json = JSON.parse((await readText(file)) ?? '');
  } catch {
    json = null;
  }
  if (isJsonObject(json)) return json;
  throw new InvalidConfigError(`${name} is not a JSON object: download it again.`);
}
