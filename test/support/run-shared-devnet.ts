/**
 * The process in which the runner keeps the shared devnet: prints where its parts are, and ends with
 * its standard input, so also when the runner is killed.
 */
import { once } from 'node:events';
import { startSharedDevnet } from './shared-devnet.ts';

const { leave, ...place } = await startSharedDevnet();
process.stdout.write(`${JSON.stringify(place)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await leave();
process.exit();
