// Compiles devnet/contracts/*.sol with the pinned solc package into devnet/contracts/artifacts. Run
// it after a change of a source; a unit test compares the hashes, so that a stale artifact is seen.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const solc = createRequire(import.meta.url)('solc');
const sourceDirectory = fileURLToPath(new URL('../devnet/contracts/', import.meta.url));
const artifactDirectory = join(sourceDirectory, 'artifacts');

const names = readdirSync(sourceDirectory)
  .filter((file) => file.endsWith('.sol'))
  .map((file) => file.slice(0, -'.sol'.length))
  .sort();
const sources = Object.fromEntries(
  names.map((name) => [
    `${name}.sol`,
    { content: readFileSync(join(sourceDirectory, `${name}.sol`), 'utf8') },
  ]),
);

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources,
      settings: {
        // Fixed, so that a compiler update alone never changes which opcodes a node must know.
        evmVersion: 'paris',
        optimizer: { enabled: true, runs: 200 },
        metadata: { bytecodeHash: 'none', appendCBOR: false },
        outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.methodIdentifiers'] } },
      },
    }),
  ),
);
const problems = output.errors ?? [];
for (const problem of problems) console.error(problem.formattedMessage);
if (problems.length > 0) process.exit(1);

mkdirSync(artifactDirectory, { recursive: true });
for (const name of names) {
  const file = `${name}.sol`;
  const contract = output.contracts[file][name];
  const artifact = {
    compiler: solc.version(),
    sourceHash: createHash('sha256').update(sources[file].content).digest('hex'),
    methodIdentifiers: contract.evm.methodIdentifiers,
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
  };
  writeFileSync(join(artifactDirectory, `${name}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
  console.log(`${name}: ${contract.evm.bytecode.object.length / 2} bytes`);
}
