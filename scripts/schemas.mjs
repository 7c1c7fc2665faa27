// Guards the schema files: `check` refuses what is wrong or not accepted, `accept` adds versions.
// Usage: node scripts/schemas.mjs check|accept [directory]
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const { acceptCurrent, checkHistory, subjectsIn } = await tsImport(
  '../src/encoding/schema-history.ts',
  import.meta.url,
);

const [verb, directory = fileURLToPath(new URL('../schemas/', import.meta.url))] =
  process.argv.slice(2);

function report(problems) {
  for (const { subject, problem } of problems) console.error(`${subject}: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (verb === 'check') {
  const problems = checkHistory(directory);
  report(problems);
  if (problems.length === 0) console.log(`${subjectsIn(directory).length} schemas are accepted.`);
} else if (verb === 'accept') {
  const { accepted, problems } = acceptCurrent(directory);
  report(problems);
  if (problems.length === 0) console.log(`Accepted: ${accepted.join(', ') || 'nothing new'}.`);
} else {
  console.error('Usage: node scripts/schemas.mjs check|accept [directory]');
  process.exitCode = 64;
}
