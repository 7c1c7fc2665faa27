/** Runs a source's channels over the messages of a block or batch. Pure. */
import type { Event, Origin } from '../model/event.ts';
import type { Channel } from '../sources/source.ts';
import { datasetOf } from '../sources/source.ts';

/**
 * The events of these messages, oldest first per dataset, channels in their declared order.
 * `onError` gets what a channel threw for one message; that channel's events of it are left out.
 */
export type Normalize<M> = (
  messages: readonly M[],
  origin: Origin,
  onError: (error: unknown, message: M) => void,
) => Event[];

/** Keeps the channels that emit a wanted dataset. */
export function createNormalizer<M>(
  channels: Readonly<Record<string, Channel<M>>>,
  datasets: ReadonlySet<string>,
): Normalize<M> {
  const wanted = Object.values(channels).filter((channel) =>
    channel.subjects.some((subject) => datasets.has(datasetOf(subject))),
  );
  return (messages, origin, onError) =>
    wanted
      .flatMap((channel) => messages.flatMap((message) => rows(channel, message, origin, onError)))
      .filter((event) => datasets.has(event.dataset));
}

function rows<M>(
  channel: Channel<M>,
  message: M,
  origin: Origin,
  onError: (error: unknown, message: M) => void,
): Event[] {
  if (!channel.accepts(message)) return [];
  try {
    return [...channel.normalize(message, origin)];
  } catch (error) {
    onError(error, message);
    return [];
  }
}
