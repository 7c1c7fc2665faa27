/** The files of the clone as a reader gets them, and the code that documents show. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Ends with a slash. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const ignored = ['.git', ...readFileSync(`${root}.gitignore`, 'utf8').split('\n')];

/** All files that git does not ignore, as paths from the root. */
export function treeFiles(folder = ''): string[] {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (isIgnored(entry.name)) return [];
    return entry.isDirectory() ? treeFiles(`${path}/`) : [path];
  });
}

function isIgnored(name: string): boolean {
  return ignored.some((pattern) =>
    pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : pattern.replace('/', '') === name,
  );
}

/** Text of a file of the clone. */
export function read(path: string): string {
  return readFileSync(root + path, 'utf8');
}

/** All documents. */
export const documents = treeFiles().filter((path) => path.endsWith('.md'));

/** The code a document shows: fenced blocks line by line, then inline spans. */
export function codeOf(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/^```(\w*)\n(.*?)^```/gms)];
  const shell = fenced.filter(([, language]) => language === 'sh' || language === '');
  const prose = fenced.reduce((text, [block]) => text.replace(block, ''), markdown);
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');
  return [...shell.flatMap(([, , body]) => (body ?? '').split('\n')), ...spans];
}
