/** @file Which other runs an address asks for. */

/** Those that there are, each once; none while nobody knows which there are. */
export function comparedIds(
  run: string,
  written: string | null,
  known: readonly { id: string }[] | null,
): string[] {
  const asked = new Set((written ?? '').split(',').filter((id) => id !== '' && id !== run));
  return [...asked].filter((id) => known?.some((each) => each.id === id));
}
