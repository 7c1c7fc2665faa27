/**
 * Lets the benches, which are TypeScript, run the compiled program: every import of `src/x.ts` gets
 * `dist/x.js`. What a user runs is measured, not what a transpiler makes of it on the fly.
 */
import { register } from 'node:module';

const hooks = `
  const root = ${JSON.stringify(new URL('../../', import.meta.url).href)};
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    const [url] = found.url.split('?');
    if (!url.startsWith(root + 'src/') || !url.endsWith('.ts')) return found;
    const compiled = root + 'dist/' + url.slice(root.length + 4, -3) + '.js';
    return { url: compiled, format: 'module', shortCircuit: true };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
