/** The accepted versions of the schema files, `history/<subject>/<n>.avsc`: checks and extends them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from '../sources/source.ts';
import { problemsOfChange, problemsOfSchema } from './schema-compatibility.ts';

/** One thing that is wrong, with the file it is wrong in. */
export interface SchemaProblem {
  readonly subject: Subject;
  readonly problem: string;
}

/** Subjects that have a schema file in the directory, sorted. */
export function subjectsIn(directory: string): readonly Subject[] {
  const folders = readdirSync(directory, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'history',
  );
  return folders
    .flatMap(({ name }) =>
      readdirSync(join(directory, name))
        .filter((file) => file.endsWith('.avsc'))
        .map((file): Subject => `${name}/${file.slice(0, -'.avsc'.length)}`),
    )
    .sort();
}

/** All that is wrong: schemas by themselves, against every accepted version, or not accepted yet. */
export function checkHistory(directory: string): readonly SchemaProblem[] {
  const current = subjectsIn(directory);
  const problems = current.flatMap((subject) => {
    const text = currentText(directory, subject);
    const accepted = acceptedTexts(directory, subject);
    const found = [...problemsAgainst(directory, subject)];
    if (accepted.length === 0)
      found.push('no version was accepted yet: run scripts/schemas.mjs accept');
    else if (accepted.at(-1) !== text) {
      found.push(`it differs from version ${accepted.length}: run scripts/schemas.mjs accept`);
    }
    return found.map((problem) => ({ subject, problem }));
  });
  return [...problems, ...removedSubjects(directory, current)];
}

/**
 * Adds the current text of every changed schema as its next version. Gives the subjects that got
 * one. Nothing is written when a schema is wrong or not compatible with all its versions.
 */
export function acceptCurrent(directory: string): {
  readonly accepted: readonly Subject[];
  readonly problems: readonly SchemaProblem[];
} {
  const subjects = subjectsIn(directory);
  const problems = subjects.flatMap((subject) =>
    problemsAgainst(directory, subject).map((problem) => ({ subject, problem })),
  );
  if (problems.length > 0) return { accepted: [], problems };
  const accepted = subjects.filter((subject) => {
    const text = currentText(directory, subject);
    const versions = acceptedTexts(directory, subject);
    if (versions.at(-1) === text) return false;
    mkdirSync(join(directory, 'history', subject), { recursive: true });
    writeFileSync(versionFile(directory, subject, versions.length + 1), text);
    return true;
  });
  return { accepted, problems };
}

function problemsAgainst(directory: string, subject: Subject): readonly string[] {
  const after = currentText(directory, subject);
  const own = problemsOfSchema(subject, after);
  if (own.length > 0) return own;
  return acceptedTexts(directory, subject).flatMap((before, index) =>
    problemsOfChange(subject, { before, after }).map(
      (problem) => `against version ${index + 1}: ${problem}`,
    ),
  );
}

function removedSubjects(directory: string, current: readonly Subject[]): readonly SchemaProblem[] {
  const history = join(directory, 'history');
  if (!existsSync(history)) return [];
  return readdirSync(history)
    .flatMap((kind) => readdirSync(join(history, kind)).map((name): Subject => `${kind}/${name}`))
    .filter((subject) => !current.includes(subject))
    .map((subject) => ({ subject, problem: 'it was accepted once and its file is gone' }));
}

function currentText(directory: string, subject: Subject): string {
  return readFileSync(join(directory, `${subject}.avsc`), 'utf8');
}

function acceptedTexts(directory: string, subject: Subject): readonly string[] {
  const texts: string[] = [];
  for (let version = 1; existsSync(versionFile(directory, subject, version)); version += 1) {
    texts.push(readFileSync(versionFile(directory, subject, version), 'utf8'));
  }
  return texts;
}

function versionFile(directory: string, subject: Subject, version: number): string {
  return join(directory, 'history', subject, `${version}.avsc`);
}
