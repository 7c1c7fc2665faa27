/**
 * Breaks a running ommer for as long as you like: npm run soak -- --minutes N --seed S [--round R].
 * Ends with 0 when every round was good, with 1 and the command that repeats the round when not.
 */
import { parseArgs } from 'node:util';
import { build, installDependencies } from './setup.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    round: { type: 'string', default: '1' },
  },
});
installDependencies();
build();
const { register } = await import('tsx/esm/api');
register();
const { soak } = await import('../test/support/end-to-end/soak.ts');
try {
  await soak({
    minutes: Number(values.minutes),
    seed: values.seed,
    round: Number(values.round),
    print: (line) => console.log(line),
  });
} catch (error) {
  console.error(error);
  console.error(`bad: seed ${values.seed}; the round's repeat command is above`);
  process.exit(1);
}
