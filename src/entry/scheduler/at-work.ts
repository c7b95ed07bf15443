import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { Context } from '../../context.ts';
import { showSign } from '../../flows/control/show-sign.ts';
import { errorFacts } from '../../infra/logger.ts';
import { rarely } from '../../infra/rarely.ts';
import { type EndedRun, type Scheduler, startScheduler } from './scheduler.ts';

const EVERY_MS = 60_000;

/**
 * The scheduler of a daemon, which shows the other processes and the pages once a minute that it is at work, and how its jobs went last. A sign
 * that cannot be written is missed, and nothing else is. Real time, whatever the billing clock says.
 */
export function startAtWork(ctx: Context, onRun: () => void): Scheduler {
  const sign = { id: ctx.newId(0), name: `${hostname()} ${pid}`, startedAt: realNow() };
  const runs = new Map<string, EndedRun & { readonly at: string }>();
  const log = rarely(ctx.log);
  let shown: Promise<void> = Promise.resolve();

  const scheduler = startScheduler(ctx, (ended) => {
    const isFirst = runs.size === 0;
    runs.set(ended.job, { ...ended, at: realNow().toString() });
    onRun();
    if (isFirst) show();
  });
  const show = (): void => {
    if (ctx.stopping.aborted) return;
    shown = showSign(ctx, { ...sign, runs: [...runs.values()] }).catch((error: unknown) => {
      const facts = errorFacts(error);
      log.say('warn', String(facts.error_code), 'sign of life not written', facts);
    });
  };
  const timer = setInterval(show, EVERY_MS);
  return {
    ...scheduler,
    async stop() {
      clearInterval(timer);
      const isWhole = await scheduler.stop();
      await shown;
      return isWhole;
    },
  };
}

/** Whole milliseconds, as the database keeps them. */
function realNow(): Temporal.Instant {
  return Temporal.Now.instant().round('millisecond');
}
