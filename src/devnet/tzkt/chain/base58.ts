/**
 * Tezos names (addresses, hashes, keys) with real checksums, made from any text: the same text gives
 * the same name on every machine.
 */
import { createHash } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** What Tezos puts before the payload, and how long the payload is. */
const shapes = {
  tz1: { prefix: '06a19f', sizeBytes: 20 },
  tz2: { prefix: '06a1a1', sizeBytes: 20 },
  tz3: { prefix: '06a1a4', sizeBytes: 20 },
  tz4: { prefix: '06a1a6', sizeBytes: 20 },
  KT1: { prefix: '025a79', sizeBytes: 20 },
  sr1: { prefix: '067c75', sizeBytes: 20 },
  txr1: { prefix: '0180781f', sizeBytes: 20 },
  block: { prefix: '0134', sizeBytes: 32 },
  operation: { prefix: '0574', sizeBytes: 32 },
  protocol: { prefix: '02aa', sizeBytes: 32 },
  chain: { prefix: '575200', sizeBytes: 4 },
  expression: { prefix: '0d2c401b', sizeBytes: 32 },
  publicKey: { prefix: '0d0f25d9', sizeBytes: 32 },
  rollupCommitment: { prefix: '11a5868a', sizeBytes: 32 },
  rollupState: { prefix: '11a5ebf0', sizeBytes: 32 },
} as const;

/** The kinds of names there are. */
export type NameShape = keyof typeof shapes;

/** The name of this shape that belongs to `text`. */
export function tezosName(shape: NameShape, text: string): string {
  const { prefix, sizeBytes } = shapes[shape];
  const payload = sha256(Buffer.from(text, 'utf8')).subarray(0, sizeBytes);
  return base58Check(Buffer.concat([Buffer.from(prefix, 'hex'), payload]));
}

/** The 32-bit code hash that TzKT shows for a contract, type or ticket content. */
export function hashOf(text: string): number {
  return sha256(Buffer.from(text, 'utf8')).readInt32BE(0);
}

function base58Check(bytes: Buffer): string {
  const checksum = sha256(sha256(bytes)).subarray(0, 4);
  const whole = Buffer.concat([bytes, checksum]);
  let rest = BigInt(`0x${whole.toString('hex')}`);
  let text = '';
  while (rest > 0n) {
    text = alphabet.charAt(Number(rest % 58n)) + text;
    rest /= 58n;
  }
  return text;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
