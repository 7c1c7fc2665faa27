/**
 * One repair of kafkajs: an idle connection re-arms a 1 ms timer for ever (a negative delay clamps
 * to 1), which costs about 6 % of a core per connection. Nothing is pending then, so nothing needs
 * to be looked at.
 */
import { type RequestQueue, requestQueueClass } from './kafkajs-internals.ts';

const patched = Symbol.for('ommer.requestQueuePatched');

/** Applies the repair once per process, however often it is called. */
export function patchRequestQueue(): void {
  const { prototype } = requestQueueClass;
  if (Reflect.has(prototype, patched)) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    // `push` schedules again when a request has to wait, also while the broker throttles us.
    if (this.pending.length > 0) schedule.call(this);
  };
  Reflect.set(prototype, patched, true);
}
