/**
 * The JSON hub protocol of SignalR: one JSON object per frame, each closed by the record separator.
 */
import { type Item, isItem } from '../../simulator/json.ts';

/** Closes each frame. */
export const recordSeparator = '\u001e';

/** Types of frames. */
export const frameType = { invocation: 1, completion: 3, ping: 6, close: 7 } as const;

/** The text of a frame. */
export function frame(message: Item): string {
  return `${JSON.stringify(message)}${recordSeparator}`;
}

/** A message on a channel. */
export function channelFrame(target: string, message: Item): string {
  return frame({ type: frameType.invocation, target, arguments: [message] });
}

/** The frames in the text of one WebSocket message; undefined when it is malformed. */
export function parseFrames(text: string): readonly Item[] | undefined {
  if (!text.endsWith(recordSeparator)) return undefined;
  try {
    const frames = text
      .slice(0, -1)
      .split(recordSeparator)
      .map((part): unknown => JSON.parse(part));
    return frames.every(isItem) ? frames : undefined;
  } catch {
    return undefined;
  }
}
