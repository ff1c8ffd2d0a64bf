/** The text of a classic script, bundled by scripts/classic.mjs. */
declare module '*?classic' {
  const code: string;
  export default code;
}

/** The address of such a script. */
declare module '*?classic-url' {
  const url: string;
  export default url;
}

/** Addresses of packed memory images, by hash seed; made by scripts/python-images.mjs. */
declare module 'virtual:python-images' {
  const urls: [string, string];
  export default urls;
}
