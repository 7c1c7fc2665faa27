/**
 * One row per contract that came into being: from the call trees where the node can trace, else the
 * contracts that transactions created themselves, as their receipts say.
 */
import type { Event, Origin } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { EvmMessage, TransactionCalls } from '../messages.ts';
import { hexIn, integerIn } from '../quantity.ts';

interface Creation {
  readonly address: string;
  readonly creator: string | null;
  readonly traceAddress: string;
  readonly type: string;
}

/** See `Channel.normalize`. */
export function* contractRows(
  message: EvmMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  for (const [index, hash] of message.block.transactionHashes.entries()) {
    const traced = message.calls?.[index] ?? null;
    const part = { receipt: message.receipts?.[index], calls: traced };
    const creations = rowOfPart(part, refuse, () =>
      traced === null ? receiptCreations(message, index) : callCreations(traced),
    );
    for (const creation of creations ?? []) {
      const row = {
        chain: origin.chain,
        height: origin.height,
        block_hash: origin.blockHash,
        block_time: origin.blockTimeMs,
        contract_id: contractId(creation.address, origin.height, index),
        contract_address: creation.address,
        tx_hash: hash,
        tx_index: index,
        trace_address: creation.traceAddress,
        creator_address: creation.creator,
        creation_call_type: creation.type,
      };
      const key = `${index}/${creation.traceAddress}`;
      yield { dataset: 'contracts', index: key, row, timeMs: origin.blockTimeMs };
    }
  }
}

/** 26 bytes: address, 4 bytes of height, 2 bytes of transaction index, big-endian. */
function contractId(address: string, height: number, txIndex: number): string {
  const heightHex = height.toString(16).padStart(8, '0');
  return `${address}${heightHex}${txIndex.toString(16).padStart(4, '0')}`;
}

function callCreations(calls: NonNullable<TransactionCalls>): Creation[] {
  return calls
    .filter(({ type, isReverted }) => type.startsWith('CREATE') && !isReverted)
    .flatMap((call) => {
      const address = hexIn(call, 'to', 'a creation');
      const creator = hexIn(call, 'from', 'a creation');
      if (address === null) return [];
      return [{ address, creator, traceAddress: call.traceAddress, type: call.type }];
    });
}

function receiptCreations(message: EvmMessage, index: number): Creation[] {
  const receipt = message.receipts?.[index];
  if (receipt === undefined) return [];
  const hash = receipt.transactionHash;
  const address = hexIn(receipt, 'contractAddress', hash);
  // Receipts of failed creations carry the address that would have been.
  if (address === null || integerIn(receipt, 'status', hash) === 0) return [];
  return [{ address, creator: hexIn(receipt, 'from', hash), traceAddress: '', type: 'CREATE' }];
}
