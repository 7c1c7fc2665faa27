/** Where a reader of steps goes on, as a text: the next control record, and what it knows by then. */
import type { BlockPoint } from './change.ts';
import { wrongOptions } from './options.ts';

/** A place between two steps. */
export interface StepPosition {
  readonly topic: string;
  /** Next offset of the control topic. */
  readonly offset: number;
  /** Rows below this height are not handed over: they lie before the reader's beginning. */
  readonly minHeight: number;
  readonly finalized: BlockPoint | null;
}

export function formatPosition(position: StepPosition): string {
  return JSON.stringify({ version: 1, ...position });
}

/** Throws `consumer.wrong_options` for a text that is none, or of another control topic. */
export function parsePosition(text: string, topic: string): StepPosition {
  const parsed = jsonOf(text);
  const { version, offset, minHeight, finalized = null } = parsed;
  if (version !== 1 || typeof offset !== 'number' || typeof minHeight !== 'number') {
    throw wrongOptions(`"${text}" is not the position of a step`);
  }
  if (parsed.topic !== topic) {
    throw wrongOptions(`position "${text}" is one of another control topic than "${topic}"`);
  }
  return { topic, offset, minHeight, finalized };
}

interface Raw extends Partial<StepPosition> {
  readonly version?: number;
}

function jsonOf(text: string): Raw {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
