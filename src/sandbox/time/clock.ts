import { type Entry, makeAgenda, type Task } from './agenda.ts';

export type Clock = {
  readonly kind: 'system' | 'manual';
  now(): Temporal.Instant;
  /** Does the task at that instant; one that is already past is done as soon as possible. Answers how to call it off. */
  at(when: Temporal.Instant, task: Task): () => void;
  nextEventAt(): Temporal.Instant | undefined;
  /**
   * Moves a manual clock forward. Every task that falls due on the way is done at its own instant, in order, and
   * `settled` is awaited after each, so that what it set off is over before the next begins.
   */
  moveTo(target: Temporal.Instant, settled: () => Promise<void>): Promise<void>;
  stop(): void;
};

// setTimeout takes a signed 32-bit delay; longer waits are cut in pieces.
const LONGEST_TIMER_MS = 2_147_483_647;

/** The time of this machine: tasks are done by a timer that does not keep the process alive. */
export function systemClock(): Clock {
  const agenda = makeAgenda();
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const next = agenda.first();
    if (next === undefined) return;
    const wait = Math.min(Math.max(next.at - wallClock(), 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => void ring(), wait).unref();
  };
  const ring = async (): Promise<void> => {
    for (let due = agenda.takeDue(wallClock()); due; due = agenda.takeDue(wallClock())) await due.task();
    arm();
  };
  return {
    kind: 'system',
    now: () => Temporal.Instant.fromEpochMilliseconds(wallClock()),
    at(when, task) {
      const entry = agenda.add(when.epochMilliseconds, task);
      if (agenda.first() === entry) arm();
      return () => cancel(entry);
    },
    nextEventAt: () => instantOf(agenda.first()),
    moveTo: () => Promise.reject(new Error('The system clock cannot be moved.')),
    stop: () => clearTimeout(timer),
  };
}

/** A clock that stands still until it is moved. */
export function manualClock(start: Temporal.Instant): Clock {
  const agenda = makeAgenda();
  let now = start.epochMilliseconds;
  let moving: Promise<void> = Promise.resolve();
  const move = async (target: number, settled: () => Promise<void>): Promise<void> => {
    await settled();
    for (let due = agenda.takeDue(target); due; due = agenda.takeDue(target)) {
      now = Math.max(now, due.at);
      await due.task();
      await settled();
    }
    now = Math.max(now, target);
  };
  return {
    kind: 'manual',
    now: () => Temporal.Instant.fromEpochMilliseconds(now),
    at(when, task) {
      if (when.epochMilliseconds <= now) {
        setImmediate(() => void task());
        return () => {};
      }
      const entry = agenda.add(when.epochMilliseconds, task);
      return () => cancel(entry);
    },
    nextEventAt: () => instantOf(agenda.first()),
    moveTo(target, settled) {
      // One move at a time: two at once would run each other's events.
      const moved = moving.then(() => move(target.epochMilliseconds, settled));
      moving = moved.catch(() => {});
      return moved;
    },
    stop: () => {},
  };
}

/** The instant as Xendit writes it: ISO 8601, milliseconds, Z. */
export function stamp(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'millisecond' });
}

function wallClock(): number {
  return Temporal.Now.instant().epochMilliseconds;
}

function cancel(entry: Entry): void {
  entry.canceled = true;
}

function instantOf(entry: Entry | undefined): Temporal.Instant | undefined {
  return entry && Temporal.Instant.fromEpochMilliseconds(entry.at);
}
