/** Names and times as the archive of a venue writes them. */
import type { Item, Json } from '../../simulator/json.ts';

/** The members in the order given, their names in camelCase. */
export function camelCase(item: Item): Item {
  const renamed: Record<string, Json | undefined> = {};
  for (const [name, value] of Object.entries(item)) {
    renamed[name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())] = value;
  }
  return renamed;
}

/** A time as REST writes it, beside its milliseconds. */
export function restTime(timeMs: number): Item {
  return { timestamp: new Date(timeMs).toISOString(), timestamp_ms: timeMs };
}
