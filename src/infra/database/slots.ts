/** Turns for a limited number of places, first come first served. */
export type Slots = {
  /** Resolves with the way to give the place back, or with null when none came free in time, or too many wait already. */
  take(patienceMs: number): Promise<(() => void) | null>;
};

/**
 * One place for each connection. postgres.js would send a statement behind another on a busy connection, where a slow
 * one holds up a fast one although other connections are free (measured: 1.5 s instead of 0.3 s).
 */
export function slots(size: number, longestLine = Number.POSITIVE_INFINITY): Slots {
  let free = size;
  const waiting = new Set<() => void>();
  const give = () => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };
  const once = () => {
    let given = false;
    return () => {
      if (!given) give();
      given = true;
    };
  };
  return {
    take(patienceMs) {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(once());
      }
      if (waiting.size >= longestLine || patienceMs <= 0) return Promise.resolve(null);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(turn);
          resolve(null);
        }, patienceMs);
        const turn = () => {
          waiting.delete(turn);
          clearTimeout(timer);
          resolve(once());
        };
        waiting.add(turn);
      });
    },
  };
}
