/** @file Names for runs that people can remember and say: two words, the same for the same id. */

const first = [
  'amber', 'brisk', 'calm', 'clever', 'copper', 'eager', 'early', 'gentle', 'golden', 'happy', 'honest', 'humble',
  'jolly', 'keen', 'lively', 'lucky', 'mellow', 'merry', 'nimble', 'patient', 'polite', 'proud', 'quick', 'quiet',
  'silver', 'steady', 'sunny', 'swift', 'tidy', 'warm', 'wise', 'young',
]; // biome-ignore format: a list of words
const second = [
  'badger', 'beaver', 'crane', 'cricket', 'dolphin', 'falcon', 'finch', 'fox', 'gecko', 'heron', 'ibis', 'jackdaw',
  'kestrel', 'lark', 'lemur', 'lynx', 'magpie', 'marten', 'mole', 'newt', 'octopus', 'otter', 'owl', 'panda',
  'puffin', 'raven', 'robin', 'seal', 'stork', 'swallow', 'tern', 'wren',
]; // biome-ignore format: a list of words

/** Not one of those that are taken, where that is possible. */
export function memorableName(id: string, taken: ReadonlySet<string>): string {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619) >>> 0;
  const all = first.length * second.length;
  for (let tried = 0; tried < all; tried++) {
    const at = (hash + tried) % all;
    const name = `${first[at % first.length]} ${second[Math.floor(at / first.length)]}`;
    if (!taken.has(name)) return name;
  }
  return `run ${id.slice(0, 8)}`;
}
