import type { ChargingKey } from './domain/control/binding.ts';
import type { Catalogs } from './infra/catalog-file/catalogs.ts';
import type { Clock } from './infra/clock.ts';
import type { Database } from './infra/database/db.ts';
import type { Passing } from './infra/failpoints.ts';
import type { Gateway, Gateways } from './infra/gateway/gateway.ts';
import type { Script } from './infra/gateway/played/script.ts';
import type { Lease } from './infra/lease.ts';
import type { Log } from './infra/logger.ts';

export type { PlayedMethod, PlayedPayment, Script } from './infra/gateway/played/script.ts';

/**
 * What pages read over: all of one look is one moment of the book, and nothing is changed by it. A look that may take long says so:
 * such looks leave a connection to the pages that are quick.
 */
export type Pages = { look<T>(work: (db: Database) => Promise<T>, pace?: Pace): Promise<T> };
/** Unless it says so a look is quick. */
export type Pace = 'quick' | 'long';

export type AsSeen = { readonly subscription: string; readonly seq: number };

/** Everything a flow may need; made once in wire.ts. */
export type Context = {
  readonly db: Database;
  /** Calls are made for one account: see AccountContext. */
  readonly gateway: Gateways;
  /** What this process would charge with; whether it may is asked of the database (invariant 13). */
  readonly key: ChargingKey;
  readonly clock: Clock;
  /** Where the world finds the daemon: what links of our own begin with. */
  readonly publicUrl: string;
  readonly catalog: Catalogs;
  readonly log: Log;
  /** The buckets this process works on: all 256 on plain Postgres (docs/design.md section 12). */
  readonly buckets: readonly number[];
  /** Requests a minute and endpoint that Xendit allows; null: no limit. */
  readonly requestsPerMinute: number | null;
  /** How long attempts that were sent belong to whoever sent them. */
  readonly lease: Lease;
  /** Only in tests: told at every step, so that the process can die there. */
  readonly failpoint?: Passing | undefined;
  /** The place in the ledger of a subscription up to which somebody saw it when they decided; nothing newer is changed by them. */
  readonly asSeen?: AsSeen | undefined;
  /** A new id in a bucket, and a bucket for a new customer. */
  readonly newId: (bucket: number) => string;
  readonly newBucket: () => number;
  /** Local waits; ends early when the process is told to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds of the monotonic timer: for lengths of time, never for moments. */
  readonly monotonic: () => number;
  /** Fires when nothing new may be started. */
  readonly stopping: AbortSignal;
  /** Tells the scheduler that there may be work; never waits, never throws. */
  readonly wake: () => void;
  /** Called after the test clock moved, for those who live by it too (the sandbox). */
  readonly clockMoved: (now: Temporal.Instant) => Promise<void>;
  readonly counters: Counters;
  /** Xendit's own books, to compare ours with; null when no account is within reach. */
  readonly xenditBooks: XenditBooks | null;
};

/** The same for work about the money of one account of Xendit: the pace, the stops and the calls are that account's. */
export type AccountContext = Omit<Context, 'gateway'> & {
  /** Xendit's id of the sub-account; empty: the merchant's own. */
  readonly account: string;
  readonly gateway: Gateway;
};

/** `since`: what was paid before is not in them; null when everything is. A sandbox forgets when its process ends. */
export type XenditBooks = { readonly since: Temporal.Instant | null };

/** What is counted for /metrics; behind one type, so that the library stays in one place. */
export type Counters = {
  attemptSettled(outcome: string, channel: string): void;
  gatewayCall(endpoint: string, milliseconds: number): void;
  decided(kind: string): void;
};

/** The daemon as whoever started it sees it. */
export type Daemon = {
  readonly ctx: Context;
  readonly url: string;
  /** What Xendit sends its webhooks to; with a listener of their own, as this machine knows it. */
  readonly webhookUrl: string;
  /** Where the stand-in for Xendit listens; null with a real key. */
  readonly sandboxUrl: string | null;
  /** The key made for the sandbox; null when the admin brought one, or there is only the database's. */
  readonly madeKey: string | null;
  /** Signs in to the pages, once; null with a real key. */
  readonly signInUrl: string | null;
  /** What stands before a command that is to find it from another terminal; empty where nothing must. */
  readonly settingsBeside: string;
  /** Why it can go on no more, once something that it cannot do without is gone for good; never, as long as all is well. */
  readonly lost: Promise<string>;
  /** Finishes or parks what is under way, then closes everything. False: something that was under way is not settled. */
  stop(): Promise<boolean>;
};

/** What the commands may ask of the house; made in main.ts, so that no command wires anything itself. */
export type Runtime = {
  /** Of dueday itself. */
  readonly version: string;
  /** The whole daemon; some settings may be overruled (the demo does). */
  startDaemon(overrides?: Readonly<Record<string, string>>): Promise<Daemon>;
  /** Only database, catalog and clock: for commands that look or mend, with nothing running behind them. */
  openContext(): Promise<{ readonly ctx: Context; close(): Promise<void> }>;
  /** An empty database of the sandbox or of a test, to be filled with a made-up book. */
  openToSeed(wish: SeedWish): Promise<SeedStage>;
  /** Applies missing migrations; answers what the check says afterwards. */
  migrate(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  /** What is wrong with this installation, one finding a line. */
  doctor(): Promise<readonly Finding[]>;
  /** Reads a catalog file and answers its faults, printable; empty: it is good. */
  checkCatalog(file: string | null): Promise<CheckedCatalog>;
  /** How a command reaches the running daemon. */
  endpoint(): Promise<{ readonly url: string; readonly apiKey: string | null }>;
};

/** When a made-up book begins, who plays Xendit in it, and which catalog it has first, made of the text of the file. */
export type SeedWish = {
  readonly from: Temporal.Instant;
  readonly script: Script;
  readonly firstEdition: (catalogText: string) => string;
};

/** `catalogText`: of the catalog's file, which is the last edition of a made-up book. */
export type SeedStage = { readonly ctx: Context; readonly catalogText: string; close(): Promise<void> };

export type CheckedCatalog = {
  readonly file: string;
  readonly plans: number;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
};

export type Finding = { readonly what: string; readonly ok: boolean; readonly detail: string };
