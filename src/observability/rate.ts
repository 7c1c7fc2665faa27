/** How often something happens: an average over the last ten seconds, in constant memory. */

const windowSeconds = 10;

export interface Rate {
  add(count: number, atMs: number): void;
  /** Per second, over the whole seconds of the window before `nowMs`. */
  perSecond(nowMs: number): number;
}

export function createRate(): Rate {
  const counts = new Float64Array(windowSeconds + 1);
  const seconds = new Float64Array(windowSeconds + 1).fill(-1);
  return {
    add: (count, atMs) => {
      const second = Math.floor(atMs / 1000);
      const slot = second % counts.length;
      if (seconds[slot] !== second) counts[slot] = 0;
      seconds[slot] = second;
      counts[slot] = (counts[slot] ?? 0) + count;
    },
    perSecond: (nowMs) => {
      const now = Math.floor(nowMs / 1000);
      let sum = 0;
      for (const [slot, second] of seconds.entries()) {
        // The current second is not over: counting it would always show too little.
        if (second < now && second >= now - windowSeconds) sum += counts[slot] ?? 0;
      }
      return sum / windowSeconds;
    },
  };
}
