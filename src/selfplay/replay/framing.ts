/**
 * @file What stands around the words of a lesson: a model's chat template, or the token that its texts end with. A log does not say what
 * these are, since they are the model's and not the run's; but they are the same around all lessons.
 */

export class Framing {
  private frame: { before: string; after: string } | null = null;

  /** What a text should be, of which `core` is known, and which would be `own` without any model's frame. */
  around(core: string, own: string, found: string): string {
    this.frame ??= found === own ? split(own, core) : split(found, core);
    return this.frame ? this.frame.before + core + this.frame.after : own;
  }
}

function split(text: string, core: string): { before: string; after: string } | null {
  const at = text.indexOf(core);
  return at < 0 ? null : { before: text.slice(0, at), after: text.slice(at + core.length) };
}
