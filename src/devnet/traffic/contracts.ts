/**
 * The compiled contracts of `devnet/contracts`: what to deploy and how to call them. The files are
 * read once, on first use.
 */
import { readFileSync } from 'node:fs';

import { FatalError } from '../../model/errors.ts';
import { type AbiValue, encodeArguments } from './abi.ts';

/** The contracts that exist as `devnet/contracts/artifacts/<name>.json`. */
export const contractNames = [
  'Erc20Token',
  'Erc721Token',
  'Erc1155Token',
  'Factory',
  'Reverter',
  'EventEmitter',
] as const;

/** One of the devnet's contracts. */
export type ContractName = (typeof contractNames)[number];

interface Artifact {
  readonly bytecode: string;
  readonly methodIdentifiers: Readonly<Record<string, string>>;
}

const artifacts = new Map<ContractName, Artifact>();

/** The input of a transaction without `to` that deploys the contract. */
export function encodeDeployment(name: ContractName, values: readonly AbiValue[] = []): string {
  return readArtifact(name).bytecode + encodeArguments(values);
}

/** The input of a call, by the full signature, for example `transfer(address,uint256)`. */
export function encodeCall(
  name: ContractName,
  signature: string,
  values: readonly AbiValue[],
): string {
  const selector = readArtifact(name).methodIdentifiers[signature];
  if (selector === undefined) throw new RangeError(`${name} has no function ${signature}.`);
  return `0x${selector}${encodeArguments(values)}`;
}

function readArtifact(name: ContractName): Artifact {
  const known = artifacts.get(name);
  if (known !== undefined) return known;
  const file = new URL(`../../../devnet/contracts/artifacts/${name}.json`, import.meta.url);
  try {
    const artifact = JSON.parse(readFileSync(file, 'utf8')) as Artifact;
    artifacts.set(name, artifact);
    return artifact;
  } catch (cause) {
    throw new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `The compiled contract ${name} cannot be read; run scripts/compile-contracts.mjs.`,
      cause,
      context: { contract: name },
    });
  }
}
