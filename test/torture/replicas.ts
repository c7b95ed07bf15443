import { onTestFinished } from 'vitest';
import type { Context } from '../../src/context.ts';
import { type Scheduler, startScheduler } from '../../src/entry/scheduler/scheduler.ts';
import { systemClock } from '../../src/infra/clock.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { sleep } from '../../src/infra/timer.ts';
import type { World } from '../support/world.ts';

/** What `pg_stat_activity` calls the connections of replicas. */
export const REPLICA = 'dueday replica';

/** Daemons inside this process, each with connections and a scheduler of its own, on the database's clock. */
export type Replicas = {
  readonly contexts: readonly Context[];
  /** Where webhooks are stored, over connections of their own. */
  readonly intake: Context;
  /** The job that hangs in one of them; null when none does. */
  readonly hanging: () => string | null;
  /** As SIGTERM does it: told first, then waited for. */
  readonly stop: () => Promise<void>;
};

export type Site = { readonly url: string; readonly deadlineMs: number };

export function replicas(world: World, count: number, site: Site): Replicas {
  const stopping = new AbortController();
  const schedulers: Scheduler[] = [];
  const open = (poolSize: number): Partial<Context> => {
    const db = openDatabase({ ...site, poolSize, applicationName: REPLICA, vault: world.db.vault });
    onTestFinished(() => db.close());
    return { db, clock: systemClock(db), sleep: (ms) => sleep(ms, stopping.signal), stopping: stopping.signal };
  };
  const contexts = Array.from({ length: count }, (_, n): Context => {
    return { ...world.ctx, ...open(6), wake: () => schedulers[n]?.wake() };
  });
  const intake: Context = { ...world.ctx, ...open(2), wake: () => schedulers[0]?.wake() };
  schedulers.push(...contexts.map((ctx) => startScheduler(ctx, () => undefined)));
  const hanging = () => schedulers.map((one) => one.hanging()).find((job) => job !== null) ?? null;
  const stop = async () => {
    stopping.abort();
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  };
  onTestFinished(stop);
  return { contexts, intake, stop, hanging };
}
