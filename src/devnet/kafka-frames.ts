/**
 * As much of Kafka's wire protocol as a fault proxy needs: where a frame ends, which request it is,
 * and which response belongs to it.
 */

/** The requests that fault tests aim at. */
export const apiKeys = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  createTopics: 19,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
} as const;

/** The head of a request. */
export interface RequestHead {
  readonly apiKey: number;
  /** Repeated in the response; unique among a connection's open requests. */
  readonly correlationId: number;
}

const lengthBytes = 4;

/** Cuts a byte stream into whole frames, each with its length prefix. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #heldBytes = 0;

  /** The frames that this chunk completes, in order. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    // Large frames arrive in many chunks: they are joined once, not once per chunk.
    if (this.#heldBytes < this.#neededBytes()) return [];
    this.#rest = Buffer.concat(this.#chunks);
    const frames: Buffer[] = [];
    while (this.#rest.length >= lengthBytes) {
      const end = lengthBytes + this.#rest.readInt32BE(0);
      if (this.#rest.length < end) break;
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    this.#chunks = [this.#rest];
    this.#heldBytes = this.#rest.length;
    return frames;
  }

  #neededBytes(): number {
    return this.#rest.length >= lengthBytes ? lengthBytes + this.#rest.readInt32BE(0) : lengthBytes;
  }
}

/** Reads the head of a request frame. */
export function requestHead(frame: Buffer): RequestHead {
  return { apiKey: frame.readInt16BE(4), correlationId: frame.readInt32BE(8) };
}

/** Reads which request a response frame answers. */
export function responseCorrelationId(frame: Buffer): number {
  return frame.readInt32BE(4);
}
