/** Kafka's own hash of a key (`org.apache.kafka.common.utils.Utils.murmur2`), over UTF-8 text. */

const multiplier = 0x5bd1e995;
const seed = 0x9747b28c;

/** What texts are written into: most are short, and each row has one. */
const scratch = Buffer.allocUnsafeSlow(1024);

/** Hash of the text's UTF-8 bytes with the sign bit cleared, as Kafka's default partitioner uses it. */
export function positiveMurmur2(text: string): number {
  const isShort = 3 * text.length <= scratch.length;
  const hash = isShort ? murmur2(scratch, scratch.write(text)) : murmur2(Buffer.from(text));
  return hash & 0x7fffffff;
}

/** Signed 32-bit hash of so many bytes, equal to Java's for every input. */
export function murmur2(bytes: Uint8Array, length = bytes.length): number {
  const whole = length & ~3;
  let hash = seed ^ length;
  for (let at = 0; at < whole; at += 4) {
    let word = byte(bytes, at) | (byte(bytes, at + 1) << 8);
    word |= (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
  }
  if (length > whole) {
    for (let at = length - 1; at >= whole; at -= 1) hash ^= byte(bytes, at) << (8 * (at - whole));
    hash = Math.imul(hash, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return (hash ^ (hash >>> 15)) | 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
