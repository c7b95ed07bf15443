import type { Context } from '../../src/context.ts';
import type { Catalog } from '../../src/domain/catalog/plan.ts';
import { type Job, jobs } from '../../src/entry/scheduler/jobs.ts';
import { catalogsOf } from '../../src/infra/catalog-file/catalogs.ts';
import { type Door, databaseThrough, isConnectionFault } from '../../src/infra/database/db.ts';
import { gatewayThrough } from '../../src/infra/gateway/xendit/xendit.ts';
import { LEASE_SECONDS, leaseOf } from '../../src/infra/lease.ts';
import type { Log } from '../../src/infra/logger.ts';
import type { Transport } from '../../src/xendit/transport.ts';
import type { Clock } from './clock.ts';
import { type Life, newLife, type Ports } from './life.ts';
import type { Timeline } from './timeline.ts';

/** A daemon of the real flows, whose every way out leads into the simulation. */
export type Replica = {
  readonly name: string;
  /** Null while the process is down. */
  life(): Life | null;
  /** These jobs look, now or after what they are doing; null: all of them. */
  wake(wanted: ReadonlySet<string> | null): void;
  /** Something asked over HTTP: rejects when the process dies, or is down, before it answered. */
  serve<T>(flow: (ctx: Context) => Promise<T>): Promise<T>;
  /** Whether it is at work just now, and not frozen. */
  isBusy(): boolean;
  start(): void;
  kill(): void;
  stop(): void;
};

/** What the simulation lends to each replica. */
export type Outside = {
  readonly time: Timeline;
  readonly clock: Clock;
  readonly ports: Ports;
  /** As whoever starts now has it. */
  readonly catalog: () => Catalog;
  door(life: Life): Door;
  client(life: Life): Transport;
  newId(bucket: number): string;
  newBucket(): number;
  readonly requestsPerMinute: number | null;
  /** Whether the daily sweep is at work, which costs as many statements as all the rest. */
  readonly hasBooks: boolean;
  readonly log: Log;
  tell(line: string): void;
  /** There may be work. */
  touch(): void;
  /** A run failed for a reason that no fault explains. */
  failed(fault: string): void;
};

/** The process was down, died before it answered, or could not reach its database. */
class NoAnswer extends Error {}

/** Whoever asked asks again; anything else that a flow throws is a bug. */
export function isNoAnswer(error: unknown): boolean {
  return error instanceof NoAnswer || isConnectionFault(error);
}

type Run = { again: boolean };
type Process = { readonly life: Life; readonly ctx: Context; readonly runs: Map<string, Run> };

export function replica(name: string, outside: Outside): Replica {
  let running: Process | null = null;

  function wake(process: Process, wanted: ReadonlySet<string> | null): void {
    for (const job of jobs) if (wanted === null || wanted.has(job.name)) begin(process, job);
  }

  /** As the scheduler does it: one run of a job at a time, and another look for whoever came meanwhile or failed. */
  function begin(process: Process, job: Job): void {
    const current = process.runs.get(job.name);
    if (current !== undefined) current.again = true;
    else if (!process.life.dead && !process.life.stopping.signal.aborted) void work(process, job);
  }

  async function work(process: Process, job: Job): Promise<void> {
    const { ctx, runs, life } = process;
    const run: Run = { again: false };
    runs.set(job.name, run);
    let failures = 0;
    do {
      run.again = false;
      try {
        await job.flow(ctx);
        failures = 0;
      } catch (error) {
        const why = `${name}: ${job.name} failed: ${error instanceof Error ? error.message : String(error)}`;
        outside.tell(why);
        if (!isConnectionFault(error)) outside.failed(why);
        run.again = true;
        await ctx.sleep(Math.min(100 * 2 ** failures, 5_000));
        failures += 1;
      }
    } while (run.again && !life.stopping.signal.aborted);
    runs.delete(job.name);
  }

  function contextOf(life: Life): Context {
    const db = databaseThrough(outside.door(life));
    const { time, ports } = outside;
    return {
      db,
      gateway: gatewayThrough(outside.client(life)),
      clock: { kind: 'system', now: () => ports.call(life, 0, () => ({ answer: outside.clock.instant(), takes: 0 })) },
      publicUrl: 'https://billing.example',
      catalog: catalogsOf(db, outside.catalog()),
      log: outside.log,
      buckets: Array.from({ length: 256 }, (_, bucket) => bucket),
      requestsPerMinute: outside.requestsPerMinute,
      key: { mode: 'sandbox', fingerprint: 'sandbox', barred: null },
      lease: leaseOf(LEASE_SECONDS),
      newId: outside.newId,
      newBucket: outside.newBucket,
      sleep: (milliseconds) => ports.call(life, milliseconds, () => ({ answer: undefined, takes: 0 })),
      monotonic: time.now,
      stopping: life.stopping.signal,
      // Whoever is woken by it finds what is due in the agenda, as cron would within the minute.
      wake: () => outside.touch(),
      xenditBooks: outside.hasBooks ? { since: null } : null,
      clockMoved: async () => undefined,
      counters: { attemptSettled: () => undefined, gatewayCall: () => undefined, decided: () => undefined },
    };
  }

  return {
    name,
    life: () => running?.life ?? null,
    wake: (wanted) => {
      if (running !== null) wake(running, wanted);
    },
    async serve(flow) {
      if (running === null) throw new NoAnswer('connection refused');
      // Held on to: the flow's first call may be the death of this process.
      const { ctx, life } = running;
      return await Promise.race([flow(ctx), life.died.promise]);
    },
    isBusy: () => running !== null && running.runs.size > 0 && running.life.frozenUntil <= outside.time.now(),
    start() {
      const life = newLife();
      running = { life, ctx: contextOf(life), runs: new Map() };
      outside.tell(`${name} starts`);
      wake(running, null);
    },
    kill() {
      if (running === null) return;
      outside.tell(`${name} is killed`);
      running.life.dead = true;
      running.life.died.reject(new NoAnswer('connection reset'));
      running = null;
    },
    stop() {
      if (running === null) return;
      outside.tell(`${name} is asked to stop`);
      running.life.stopping.abort();
      running = null;
    },
  };
}
