import type { Context, Pages } from '../../../../context.ts';
import { localDate } from '../../../../domain/calendar/cycle.ts';
import type { DaysBack } from '../../../../flows/views/pages/overview/days-back.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, moment } from '../frame/figures.ts';

/** A part of a page, and when it was counted if that was before the rest of the page; null: with it. */
export type Found<T> = { readonly answer: T; readonly at: Temporal.Instant | null };

export type KeptPart<T> = {
  /** Within a look, or as it was counted before; null: it takes long, and was not counted yet today. */
  within(reading: Context, now: Temporal.Instant): Promise<Found<T> | null>;
  /** Now, however long it takes. */
  alone(now: Temporal.Instant): Promise<Found<T>>;
};

/** What takes longer is not read in every look. */
const QUICK_MS = 150;
/** It is counted anew for such a part of the time at most. */
const SHARE = 20;

/**
 * Counts days back within their page while that is quick, so that all of the page is one moment. What takes longer is counted beside the
 * pages, a long look a day so that the pages keep a connection, kept, and shown with the time at which it was counted.
 */
export function keptPart<Row, T>(ctx: Context, pages: Pages, part: DaysBack<Row, T>): KeptPart<T> {
  let kept: { readonly answer: T; readonly at: Temporal.Instant } | null = null;
  let took = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let making: Promise<T> | null = null;

  const timed = async (count: (span: Span) => Promise<T>, now: Temporal.Instant): Promise<T> => {
    const began = performance.now();
    try {
      const answer = await count(spanOf(ctx, part.days, now));
      kept = { answer, at: now };
      return answer;
    } finally {
      took = performance.now() - began;
      nextAt = performance.now() + SHARE * took;
    }
  };
  const dayByDay = async (span: Span): Promise<T> => {
    const rows: Row[] = [];
    for (let day = span.from; Temporal.PlainDate.compare(day, span.until) < 0; day = day.add({ days: 1 })) {
      const one = { ...span, from: day, until: day.add({ days: 1 }) };
      rows.push(...(await pages.look((db) => part.read({ ...ctx, db }, one), 'long')));
    }
    return await pages.look((db) => part.shape({ ...ctx, db }, rows, span), 'long');
  };
  const make = (now: Temporal.Instant): Promise<T> => {
    making ??= timed(dayByDay, now).finally(() => {
      making = null;
    });
    return making;
  };

  return {
    async within(reading, now) {
      const atOnce = async (span: Span) => await part.shape(reading, await part.read(reading, span), span);
      if (took <= QUICK_MS) return { answer: await timed(atOnce, now), at: null };
      const today = kept !== null && dayOf(ctx, kept.at).equals(dayOf(ctx, now)) ? kept : null;
      // Whoever looks next is told why it fails, if it does: this one has what there was.
      if (performance.now() >= nextAt || today === null) make(now).catch(() => undefined);
      return today;
    },
    alone: async (now) => ({ answer: await make(now), at: null }),
  };
}

type Span = Parameters<DaysBack<unknown, unknown>['read']>[1];

function dayOf(ctx: Context, at: Temporal.Instant): Temporal.PlainDate {
  return localDate(at, ctx.catalog.current.defaults.timeZone);
}

function spanOf(ctx: Context, days: number, now: Temporal.Instant): Span {
  const until = dayOf(ctx, now);
  return { from: until.subtract({ days }), until, zone: ctx.catalog.current.defaults.timeZone };
}

/** When a part was counted, where that was before its page. */
export function countedAt(at: Temporal.Instant | null, zone: string): Html {
  return at === null ? html`` : html`<p>Counted at ${moment(at, zone, clockText(at, zone))}</p>`;
}
