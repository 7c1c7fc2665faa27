/**
 * A process that runs a devnet until it is stopped: the parent that a test kills.
 * Arguments: data directory, brokers, cache of the jars (optional).
 */
import { startDevnet } from '../../../src/devnet/devnet.ts';

const [dataDir = '', brokers = '1', libDir] = process.argv.slice(2);
const devnet = await startDevnet({
  dataDir,
  brokers: brokers === '0' ? 0 : 1,
  ...(libDir === undefined ? {} : { libDir }),
});
await devnet.stopped;
