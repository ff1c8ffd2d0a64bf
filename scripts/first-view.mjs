/**
 * The first view comes with the page, instead of after it: the shell loads views when they are opened, and the browser would hear
 * of the first one only once the shell runs.
 */

const view = 'src/app/views/train.tsx';

/** @returns {import('vite').Plugin} */
export function firstView() {
  return {
    name: 'first-view',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
        const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const first = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(view));
        if (!first) throw new Error(`${view} is no chunk of its own: nothing would load it first.`);
        /** @param {string} name @param {Set<string>} seen @returns {Set<string>} */
        const withImports = (name, seen = new Set()) => {
          if (seen.has(name)) return seen;
          seen.add(name);
          for (const each of named.get(name)?.imports ?? []) withImports(each, seen);
          return seen;
        };
        const needed = [...withImports(first.fileName)];
        const styles = needed.flatMap((name) => [...(named.get(name)?.viteMetadata?.importedCss ?? [])]);
        /** @param {string} name */
        const isNews = (name) => !html.includes(name);
        return [
          ...needed.filter(isNews).map((name) => tag('link', { rel: 'modulepreload', href: `./${name}` })),
          ...styles.filter(isNews).map((name) => tag('link', { rel: 'stylesheet', href: `./${name}` })),
        ];
      },
    },
  };
}

/** @param {string} name @param {Record<string, string>} attrs @returns {import('vite').HtmlTagDescriptor} */
const tag = (name, attrs) => ({ tag: name, attrs: { crossorigin: true, ...attrs }, injectTo: 'head' });
