import { setImmediate as settled } from 'node:timers/promises';
import type { Chance } from '../support/chance.ts';

export type Event = () => Promise<void> | void;

/** Simulated time: it stands still while anything happens, and jumps to the next event when all have settled. */
export type Timeline = {
  /** Milliseconds since 1970. */
  now(): number;
  instant(): Temporal.Instant;
  /** Plans an event, now at the earliest; which of two at the same millisecond comes first is drawn. */
  at(time: number, event: Event): void;
  /** When the next event is planned; null when nothing is. */
  next(): number | null;
  /** Lets the next event happen, alone and to its end, and waits until everything that follows from it waits again. */
  step(): Promise<void>;
};

type Planned = { readonly time: number; readonly tie: number; readonly event: Event };

/** `readsFiles`: whether replicas read files in this life, which is no port of theirs and takes real time. */
export function timeline(start: number, random: Chance, readsFiles: () => boolean): Timeline {
  const planned: Planned[] = [];
  let now = start;
  return {
    now: () => now,
    instant: () => Temporal.Instant.fromEpochMilliseconds(now),
    at: (time, event) => insert(planned, { time: Math.max(now, Math.round(time)), tie: random(), event }),
    next: () => planned.at(-1)?.time ?? null,
    async step() {
      const first = planned.pop();
      if (first === undefined) return;
      now = first.time;
      await first.event();
      // All that replicas do between two ports are microtasks: when this comes back, each of them waits again.
      await settled();
      while (readsFiles() && isReading()) await settled();
    },
  };
}

function isReading(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));
}

/** Latest first: the next one is popped from the end. Few are planned at a time, and most of them for soon. */
function insert(planned: Planned[], event: Planned): void {
  let at = planned.length;
  while (at > 0 && isBefore(planned[at - 1] as Planned, event)) at -= 1;
  planned.splice(at, 0, event);
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.time < b.time || (a.time === b.time && a.tie < b.tie);
}
