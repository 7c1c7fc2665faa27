/** One message as it came from the wire, before anybody has looked into it. */

/** The bytes of one response or one socket message, with the time at which they began to arrive. */
export interface Frame {
  readonly bytes: Buffer;
  /** Microseconds since the epoch. */
  readonly receivedAtUs: number;
}
