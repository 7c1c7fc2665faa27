/**
 * One row per contract that came into being: from the call trees where the node can trace, else the
 * contracts that transactions created themselves, as their receipts say.
 */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { optionalInteger, toHex } from '../quantity.ts';
import { blockColumns, rowEvent } from './base.ts';

interface Creation {
  readonly address: string;
  readonly creator: string;
  readonly traceAddress: string;
  readonly type: string;
}

export function* contractRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [index, hash] of message.block.transactionHashes.entries()) {
    const traced = message.calls?.[index] ?? null;
    const creations = traced === null ? receiptCreations(message, index) : callCreations(traced);
    for (const creation of creations) {
      const address = toHex(creation.address, `contract created by ${hash}: address`);
      const row = {
        ...blockColumns(origin),
        contract_id: contractId(address, origin.height, index),
        contract_address: address,
        tx_hash: hash,
        tx_index: index,
        trace_address: creation.traceAddress,
        creator_address: toHex(creation.creator, `contract ${address}: creator`),
        creation_call_type: creation.type,
      };
      yield rowEvent('contracts', `${index}/${creation.traceAddress}`, row, origin);
    }
  }
}

/** 26 bytes: address, 4 bytes of height, 2 bytes of transaction index, big-endian. */
export function contractId(address: string, height: number, txIndex: number): string {
  const heightHex = height.toString(16).padStart(8, '0');
  return `${address}${heightHex}${txIndex.toString(16).padStart(4, '0')}`;
}

function callCreations(calls: NonNullable<EvmMessage['calls']>[number]): Creation[] {
  return (calls ?? []).flatMap((call) =>
    call.type.startsWith('CREATE') && !call.isReverted && call.to !== null
      ? [
          {
            address: call.to,
            creator: call.from,
            traceAddress: call.traceAddress,
            type: call.type,
          },
        ]
      : [],
  );
}

function receiptCreations(message: EvmMessage, index: number): Creation[] {
  const receipt = message.receipts?.[index];
  const address = receipt?.['contractAddress'];
  const from = receipt?.['from'];
  if (typeof address !== 'string' || typeof from !== 'string') return [];
  // Receipts of failed creations carry the address that would have been.
  if (optionalInteger(receipt?.['status'], 'receipt: status') === 0) return [];
  return [{ address, creator: from, traceAddress: '', type: 'CREATE' }];
}
