import { createTask, type ScheduledTask } from 'node-cron';
import type { Context } from '../../context.ts';
import { msUntilDue } from '../../flows/control/next-wake.ts';
import { tellHolders } from '../../flows/control/tell-holders.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type Job, jobs, virtualJobs } from './jobs.ts';

export type Scheduler = {
  /** There may be work: every job looks, now or right after what it is doing. */
  wake(): void;
  /** The job that hangs; null when all is well. */
  hanging(): string | null;
  /** Why work is not done, in words: a run hangs, or nobody wakes the jobs any more. Null when all is well. */
  standsStill(): string | null;
  /** Starts nothing more and waits for what is under way. False: a run ended with a failure, and may have left something. */
  stop(): Promise<boolean>;
};

/** A run as it is told of: one that fails goes on until it ends well, or is given up. */
export type EndedRun = { readonly job: string; readonly ms: number };

type Run = { readonly job: Job; lastSign: number; again: boolean; done: Promise<void> };

/** A run shows a sign of life with every batch; the longest wait between two is the gateway's pace, about a minute. */
const SILENT_FOR_MS = 5 * 60_000;
/** Longest sleep: cron looks anyway. */
const LONGEST_SLEEP_MS = 60_000;
/** Cron wakes every job each minute: after two of them in silence nobody does. */
const SILENCE_MS = 2 * LONGEST_SLEEP_MS;
/** After a failure: soon, since most pass by themselves, then less and less often. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Postgres ended a statement that took too long: it will again until somebody mends the cause. */
const TOO_SLOW = '57014';
const SLOW_WAY_OUT =
  'a statement takes too long: look for sessions that hold locks (pg_stat_activity) and for a machine that is too busy';

/**
 * Runs the jobs: node-cron wakes them every minute, a timer at the next due instant, and whoever has work for them. One
 * run of a job at a time; a wake-up in between makes it look once more.
 */
export function startScheduler(ctx: Context, onRun: (ended: EndedRun) => void): Scheduler {
  const runs = new Map<string, Run>();
  /** With those that were replaced: they may come back. */
  const underWay = new Set<Promise<void>>();
  let isWhole = true;
  let timer: NodeJS.Timeout | undefined;
  let looks = 0;
  let lastWake = performance.now();
  const table = ctx.clock.kind === 'virtual' ? virtualJobs : jobs;

  const start = (job: Job): void => {
    if (ctx.stopping.aborted) return;
    lastWake = performance.now();
    const current = runs.get(job.name);
    if (current !== undefined && !hangs(current)) {
      current.again = true;
      return;
    }
    if (current !== undefined) ctx.log.error('run hangs, and is replaced', { job: job.name });
    const run: Run = { job, lastSign: performance.now(), again: false, done: Promise.resolve() };
    runs.set(job.name, run);
    const began = performance.now();
    run.done = work(ctx, run, () => runs.get(job.name) === run).then((endedWell) => {
      // One that was replaced earlier left its work to another.
      isWhole &&= endedWell || !ctx.stopping.aborted;
      underWay.delete(run.done);
      onRun({ job: job.name, ms: Math.round(performance.now() - began) });
      if (runs.get(job.name) !== run) return;
      runs.delete(job.name);
      // A wake-up that came between the run's last look and this line.
      if (run.again) start(job);
      // What was done may have planned something sooner than the timer knows of.
      if (runs.size === 0 && ctx.clock.kind === 'system') void sleepUntilDue();
    });
    underWay.add(run.done);
  };
  const wake = (): void => table.forEach(start);
  const sleepUntilDue = async (): Promise<void> => {
    looks += 1;
    const turn = looks;
    const ms = await msUntilDue(ctx, LONGEST_SLEEP_MS).catch(() => LONGEST_SLEEP_MS);
    if (ctx.stopping.aborted || turn !== looks) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      wake();
      void sleepUntilDue();
    }, ms);
  };
  const tasks = table.map((job) => cronTask(job, () => start(job)));
  wake();
  if (ctx.clock.kind === 'system') void sleepUntilDue();
  const hanging = (): string | null => [...runs.values()].find(hangs)?.job.name ?? null;
  return {
    wake,
    hanging,
    standsStill() {
      const job = hanging();
      if (job !== null) return `the run of ${job} hangs`;
      const silentMs = performance.now() - lastWake;
      return silentMs > SILENCE_MS ? `nothing was scheduled for ${Math.round(silentMs / 1_000)} seconds` : null;
    },
    async stop() {
      clearTimeout(timer);
      for (const task of tasks) await task.destroy();
      await Promise.all(underWay);
      return isWhole;
    },
  };
}

function hangs(run: Run): boolean {
  return performance.now() - run.lastSign > SILENT_FOR_MS;
}

/**
 * Every read of the clock is a sign of life: flows take it at the top of each batch. A run that failed looks again by
 * itself: what was due still is, the timer knows only of what will be, and nobody else may come to wake it.
 * @returns whether its last look ended well.
 */
async function work(ctx: Context, run: Run, isCurrent: () => boolean): Promise<boolean> {
  const now = async () => {
    run.lastSign = performance.now();
    return await ctx.clock.now();
  };
  const watched: Context = { ...ctx, clock: { kind: ctx.clock.kind, now } };
  let failures = 0;
  do {
    run.again = false;
    try {
      await run.job.flow(watched);
      failures = 0;
    } catch (error) {
      const isSlow = (error as { readonly code?: unknown }).code === TOO_SLOW;
      const wayOut = isSlow ? { way_out: SLOW_WAY_OUT } : {};
      ctx.log.error('run failed', { job: run.job.name, ...errorFacts(error), ...wayOut });
      run.again = true;
      if (failures === 0) await tellHolders(ctx, error);
      await ctx.sleep(Math.min(FIRST_PAUSE_MS * 2 ** failures, isSlow ? LONGEST_SLEEP_MS : LONGEST_PAUSE_MS));
      failures += 1;
    }
  } while (run.again && isCurrent() && !ctx.stopping.aborted);
  return failures === 0;
}

/** Only a wake-up: cron misses, doubles and delays, and none of that loses anything. */
function cronTask(job: Job, wake: () => void): ScheduledTask {
  const task = createTask(job.cron, wake, { name: `dueday ${job.name}`, timezone: 'UTC', suppressMissedWarning: true });
  void task.start();
  return task;
}
