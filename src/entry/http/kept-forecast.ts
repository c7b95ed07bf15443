import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { type Forecast, type ForecastInput, forecast } from '../../flows/forecast/forecast.ts';
import { errorFacts } from '../../infra/logger.ts';
import { breather } from './guard/breather.ts';

/** The forecast as it was made last; null: none is made yet today. */
export type KeptForecast = () => Promise<Forecast | null>;

/** A page waits so long for a forecast that it expects by then. */
const PATIENCE_MS = 500;
/** Forecasts take so large a part of the time at most: one of a second is made anew after twenty. */
const SHARE = 20;
const LEAST_PAUSE_MS = 1_000;
/** How far ahead it looks, and how it is shown. */
type Span = Pick<ForecastInput, 'months' | 'by'>;

/**
 * Makes the forecast that pages show, beside them and never at the cost of charging. Of a small book each look gets a new one; of a
 * large book the one that there is, which says when it was made.
 */
export function keptForecast(ctx: Context, span: Span): KeptForecast {
  let kept: Forecast | null = null;
  let making: Promise<void> | null = null;
  let took = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let began = 0;

  const make = async (): Promise<void> => {
    began = performance.now();
    try {
      const made = await forecast(ctx, { ...span, whatIf: null, told: restOf(ctx) });
      kept = made.kind === 'forecast' ? made.forecast : null;
    } catch (error) {
      if (!ctx.stopping.aborted) ctx.log.warn('forecast not made', errorFacts(error));
    } finally {
      took = performance.now() - began;
      nextAt = performance.now() + Math.max(LEAST_PAUSE_MS, SHARE * took);
      making = null;
    }
  };

  return async () => {
    if (kept !== null && !(await isOfToday(ctx, kept))) {
      kept = null;
      nextAt = Number.NEGATIVE_INFINITY;
    }
    if (making === null && performance.now() >= nextAt) making = make();
    // One that is under way for longer is not waited for by everybody who looks.
    const patience = PATIENCE_MS - (performance.now() - began);
    const isAwaited = patience > 0 && (kept === null || took < PATIENCE_MS);
    if (making !== null && isAwaited) await Promise.race([making, pause(patience)]);
    return kept;
  };
}

async function isOfToday(ctx: Context, { run }: Forecast): Promise<boolean> {
  const zone = ctx.catalog.current.defaults.timeZone;
  return localDate(Temporal.Instant.from(run.at), zone).equals(localDate(await ctx.clock.now(), zone));
}

function restOf(ctx: Context): () => Promise<void> | undefined {
  const breathe = breather(ctx);
  return () => {
    ctx.stopping.throwIfAborted();
    return breathe();
  };
}
