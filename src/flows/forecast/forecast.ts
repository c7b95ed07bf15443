import type { Context } from '../../context.ts';
import type { SuccessRate } from '../../domain/books/success-rates.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import { type Live, livePage } from '../../infra/tables/subscriptions/live-subscriptions.ts';
import { aheadOf } from '../../infra/tables/subscriptions/terms.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { chargesToCome } from '../due-date/around-its-day.ts';
import { type Bringing, broughtBy, type ComingCharge } from '../due-date/coming-charges.ts';
import { type EditSource, readEdit } from '../edits/read-edit.ts';
import { withCatalog } from '../edits/with-catalog.ts';
import { type By, type ForecastRow, ForecastRows } from './forecast-rows.ts';
import { whyNotForecast, withinItsPeriod } from './not-forecast.ts';
import { recordedRates } from './recorded-rates.ts';
import { type Unfit, unfitForEdit } from './unfit-for-edit.ts';

export type ForecastInput = {
  /** The rest of this month, and so many whole months after it. */
  readonly months: number;
  readonly by: By;
  /** The catalog to forecast by in the place of the one in force; null: that one. */
  readonly whatIf: EditSource | null;
  /** Told after each subscription how many were looked at; whoever must leave room for others makes it wait. */
  readonly told: (subscriptions: number) => Promise<void> | undefined;
};

export type Forecasted =
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'forecast'; readonly forecast: Forecast };

export type Forecast = {
  readonly run: {
    readonly at: string;
    readonly subscriptions: number;
    readonly charges: number;
    readonly seconds: number;
  };
  readonly assumptions: Assumptions;
  readonly rows: readonly ForecastRow[];
  readonly not_forecast: readonly { readonly subscription: string; readonly why: string }[];
};

type Assumptions = ReturnType<typeof assumptionsOf>;

/** Subscriptions that are read at once. */
const PAGE = 500;

/**
 * What will fall due by the rules that charges are opened by, and how much of it comes in as the charge log has it: of the live book as it is at
 * one moment. Nothing is written.
 */
export async function forecast(given: Context, input: ForecastInput): Promise<Forecasted> {
  return await given.db.snapshot(async (read) => {
    const inForce = await withCatalogInForce({ ...given, db: { ...read, groups: given.db.groups } });
    if (input.whatIf === null) return await forecastBy(inForce, inForce, null, input);
    const edit = await readEdit(inForce, input.whatIf);
    if ('faults' in edit) return { kind: 'faults', faults: edit.faults };
    const now = await given.clock.now();
    return await forecastBy(inForce, withCatalog(inForce, edit.catalog, now), edit.catalog, input);
  });
}

async function forecastBy(
  inForce: Context,
  ctx: Context,
  whatIf: Catalog | null,
  { months, by, told }: ForecastInput,
): Promise<Forecasted> {
  const began = ctx.monotonic();
  const now = await ctx.clock.now();
  const zone = ctx.catalog.current.defaults.timeZone;
  const today = localDate(now, zone);
  const end = today.with({ day: 1 }).add({ months: months + 1 });
  const rates = await recordedRates(ctx, now);
  const rows = new ForecastRows(zone, by);
  const unfit = whatIf === null ? null : unfitForEdit(inForce, whatIf, now);
  const not_forecast: Forecast['not_forecast'][number][] = [];
  let subscriptions = 0;
  const look = { now, until: end.toZonedDateTime(zone).toInstant(), unfit };
  for await (const { live, coming } of wholeBook(ctx, look)) {
    const { id, currency } = live.subscription;
    subscriptions += 1;
    const rest = told(subscriptions);
    if (rest !== undefined) await rest;
    if ('why' in coming) not_forecast.push({ subscription: id, why: coming.why });
    else
      for (const { cycle, made } of coming.charges)
        rows.add({ dueAt: cycle.dueAt, amount: made.amount, currency, millionths: rates.of(channelOf(live)) });
  }
  const seconds = Math.round((ctx.monotonic() - began) / 100) / 10;
  const run = { at: now.toString(), subscriptions, charges: rows.charges, seconds };
  const span = { from: today.toString(), to: end.subtract({ days: 1 }).toString(), time_zone: zone };
  const tried = { from: localDate(rates.from, zone).toString(), to: today.toString() };
  const assumptions = assumptionsOf(ctx.catalog.current, inForce.catalog.current, span, tried, rates.shown());
  return { kind: 'forecast', forecast: { run, assumptions, rows: rows.rows(), not_forecast } };
}

function channelOf({ method }: Live): string {
  return method?.channelCode ?? '';
}

type Look = { readonly now: Temporal.Instant; readonly until: Temporal.Instant; readonly unfit: Unfit | null };
type Coming = { readonly charges: readonly ComingCharge[] } | { readonly why: string };

/** Every subscription that is not over, with what it will be charged: page by page, so that memory does not grow with the book. */
async function* wholeBook(ctx: Context, look: Look): AsyncGenerator<{ readonly live: Live; readonly coming: Coming }> {
  let last: Live['subscription'] | null = null;
  for (;;) {
    const page: readonly Live[] = await livePage(ctx.db, last, PAGE);
    const subscriptions = page.map(({ subscription }) => subscription);
    const changed = subscriptions.filter(({ changes }) => changes > 0).map(({ id }) => id);
    const [brought, ahead] = await Promise.all([broughtBy(ctx, subscriptions), aheadOf(ctx.db, changed)]);
    for (const live of page) {
      const { subscription } = live;
      const asked = { bringing: brought(subscription), ahead: ahead.get(subscription.id) };
      yield { live, coming: await comingOf(ctx, live, asked, look) };
    }
    last = subscriptions.at(-1) ?? null;
    if (page.length < PAGE) return;
  }
}

/** One that cannot be worked out keeps back none of the others. */
async function comingOf(
  ctx: Context,
  live: Live,
  { bringing, ahead }: { readonly bringing: Bringing; readonly ahead: ChangeRow | undefined },
  { now, until, unfit }: Look,
): Promise<Coming> {
  try {
    const why =
      whyNotForecast(ctx, live, ahead, now) ?? (await unfit?.(live, bringing.terms)) ?? withinItsPeriod(bringing);
    if (why !== null) return { why };
    const charges = await chargesToCome(ctx, live.customer, bringing, { most: Number.POSITIVE_INFINITY, until }, now);
    const gone = charges.find(({ isSold }) => !isSold);
    return gone === undefined ? { charges } : { why: `no catalog has its plan ${gone.planName} any more` };
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('subscription cannot be forecast', { subscription_id: live.subscription.id, ...errorFacts(error) });
    return { why: `it cannot be worked out: ${error instanceof Error ? error.message : 'see the log'}` };
  }
}

/** What the figures rest on. */
function assumptionsOf(
  by: Catalog,
  inForce: Catalog,
  span: { readonly from: string; readonly to: string; readonly time_zone: string },
  tried: { readonly from: string; readonly to: string },
  rates: readonly SuccessRate[],
) {
  const isEdit = by.digest !== inForce.digest;
  return {
    ...span,
    catalog_version: inForce.version,
    catalog_digest: by.digest,
    what_if: isEdit,
    success_rates_from: tried.from,
    success_rates_to: tried.to,
    success_rates: rates.map(({ channel, declined, attempts, succeeded, millionths, basis }) => ({
      channel_code: channel,
      class: declined,
      attempts,
      succeeded,
      rate: millionths / 1_000_000,
      basis,
    })),
    notes: [
      'nobody begins, changes, pauses or leaves, and each charge is paid in time',
      'charges that are open already are in no row',
      ...(isEdit
        ? [
            'the catalog of the file is in force from now on, every notice of a higher price is sent now, and whoever has to agree to one does',
          ]
        : []),
    ],
  };
}
