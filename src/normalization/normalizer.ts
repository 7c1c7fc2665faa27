/** Runs a source's channels over the messages of a block or batch. Pure. */
import type { Event, Origin } from '../model/event.ts';
import type { Channel, RefusePart } from '../sources/source.ts';
import { datasetOf } from '../sources/source.ts';

/**
 * The events of these messages, oldest first per dataset, channels in their declared order.
 * `onError` gets what a channel threw for one message, whose events of that channel are left out, and
 * what it refused of a message, which leaves the rest of it.
 */
export type Normalize<M> = (messages: readonly M[], origin: Origin, onError: RefusePart) => Event[];

/** Keeps the channels that emit a wanted dataset. */
export function createNormalizer<M>(
  channels: Readonly<Record<string, Channel<M>>>,
  datasets: ReadonlySet<string>,
): Normalize<M> {
  const wanted = Object.values(channels).filter((channel) =>
    channel.subjects.some((subject) => datasets.has(datasetOf(subject))),
  );
  return (messages, origin, onError) => {
    const events: Event[] = [];
    for (const channel of wanted) {
      for (const message of messages) {
        if (!channel.accepts(message)) continue;
        const before = events.length;
        try {
          addWanted(channel.normalize(message, origin, onError), datasets, events);
        } catch (error) {
          events.length = before;
          onError(error, message);
        }
      }
    }
    return events;
  };
}

function addWanted(made: Iterable<Event>, datasets: ReadonlySet<string>, events: Event[]): void {
  for (const event of made) if (datasets.has(event.dataset)) events.push(event);
}
