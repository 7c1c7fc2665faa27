/**
 * A process that starts a guarded child, says its pid, and then does as told: waits (to be killed),
 * crashes, or leaves. Arguments: log file, what to do.
 */
import { spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';

const [logFile = '', fate] = process.argv.slice(2);
const child = spawnGuarded({
  command: 'sh',
  args: ['-c', 'sleep 600 & sleep 600'],
  cwd: process.cwd(),
  logFile,
});
process.stdout.write(`${child.pid}\n`, () => {
  if (fate === 'crash') throw new Error('crash');
  if (fate === 'leave') process.exit(0);
});
await child.ended;
