/** The text of a classic script, bundled by scripts/classic.mjs. */
declare module '*?classic' {
  const code: string;
  export default code;
}
