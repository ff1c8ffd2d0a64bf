/**
 * @file Files on their way into the page and out of it, for programs that drive it: in pieces of base64, since nothing but plain data
 * crosses, and no text may be as long as a model is large. What comes in goes to the browser, piece by piece: it may put it on disk.
 */

const folders = new Map<string, Map<string, Blob[]>>();

/** Adds a piece to a file of a folder. */
export function hand(folder: string, file: string, piece: string): void {
  const files = folders.get(folder) ?? new Map<string, Blob[]>();
  folders.set(folder, files);
  const pieces = files.get(file) ?? [];
  files.set(file, pieces);
  const binary = atob(piece);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  pieces.push(new Blob([bytes]));
}

/** What was handed in, once. A blob of blobs copies nothing. */
export function takeHanded(folder: string): Record<string, Blob> {
  const files = folders.get(folder);
  if (!files) throw new Error(`No "${folder}" was handed in: hand in its files first.`);
  folders.delete(folder);
  return Object.fromEntries([...files].map(([name, pieces]) => [name, new Blob(pieces)]));
}

/** As text that crosses. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
