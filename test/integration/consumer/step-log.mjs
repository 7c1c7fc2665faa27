// A reader in a process of its own that is killed: writes each step to a file, a line each, and goes on
// after the last whole line. Arguments: brokers, registry, prefix, chain, file.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { openReader } from '../../../dist/consumer.js';

const [brokers, registry, prefix, chain, file] = process.argv.slice(2);
const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
const whole = text.slice(0, text.lastIndexOf('\n') + 1);
writeFileSync(file, whole);
const last = whole.trimEnd().split('\n').at(-1);
const reader = openReader({
  kafka: { brokers: brokers.split(',') },
  registry: { url: registry },
  topics: [
    { dataset: 'evm/token_transfers', chain, prefix },
    { dataset: 'evm/logs', chain, prefix },
  ],
  from: last ? { after: JSON.parse(last).position } : 'beginning',
});
await reader.runSteps((step) => appendFileSync(file, `${JSON.stringify(step)}\n`));
