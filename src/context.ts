import type { Clock } from './infra/clock.ts';
import type { CatalogBook } from './infra/config/catalog-book.ts';
import type { Gateway } from './infra/gateway/gateway.ts';
import type { Log } from './infra/logger.ts';
import type { Database } from './infra/postgres/db.ts';

/** Everything a flow may need; made once in wire.ts. */
export type Context = {
  readonly db: Database;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly catalog: CatalogBook;
  readonly log: Log;
  /** The buckets this process works on: all 256 on plain Postgres (design.md section 12). */
  readonly buckets: readonly number[];
  /** Requests a minute and endpoint that Xendit allows; null: no limit. */
  readonly requestsPerMinute: number | null;
  /** A new id in a bucket, and a bucket for a new customer. */
  readonly newId: (bucket: number) => string;
  readonly newBucket: () => number;
  /** Local waits; ends early when the process is told to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Fires when nothing new may be started. */
  readonly stopping: AbortSignal;
  /** Tells the scheduler that there may be work; never waits, never throws. */
  readonly wake: () => void;
  /** Called after the test clock moved, for those who live by it too (the sandbox). */
  readonly clockMoved: (now: Temporal.Instant) => Promise<void>;
  readonly counters: Counters;
};

/** What is counted for /metrics; behind one type, so that the library stays in one place. */
export type Counters = {
  attemptSettled(outcome: string, channel: string): void;
  gatewayCall(endpoint: string, milliseconds: number): void;
  decided(kind: string): void;
};
