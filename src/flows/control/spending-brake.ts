import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { held } from '../../domain/charges/moves.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type Currency, majorText } from '../../domain/money/money.ts';
import { countsAsSpent, countsDays, dayLimitFor, heldByLimit } from '../../domain/money/spending-limits.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { stopCharging } from '../../infra/tables/charging/charging.ts';
import { type Correction, customersSpent, type Spend, spentToday } from '../../infra/tables/control/spending.ts';
import { applyEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';

/** The day of the brake: of the defaults' zone, whichever zone a subscription has. */
function dayOf(ctx: Context, at: Temporal.Instant): Temporal.PlainDate {
  return localDate(at, ctx.catalog.current.defaults.timeZone);
}

/** The day on which a claim is counted; null where the catalog sets no limit for a day. */
export function countedDay(ctx: Context, now: Temporal.Instant): Temporal.PlainDate | null {
  return countsDays(ctx.catalog.current.defaults.limits) ? dayOf(ctx, now) : null;
}

/** What a claim would spend, for the statement that makes it, where it is counted exactly; nothing where no day is limited. */
export function spendOf(ctx: Context, { charge }: ChargeDossier): { readonly spend?: Spend } {
  const { limits } = ctx.catalog.current.defaults;
  if (!countsDays(limits)) return {};
  const { perCustomerPerDay } = limits;
  const currency = charge.currency;
  const dayLimit = dayLimitFor(limits, { amount: charge.amount, currency, passes: charge.passesLimits });
  const customerLimit = charge.passesLimits ? null : (perCustomerPerDay[currency] ?? null);
  const { customerId, amount: takes } = charge;
  return { spend: { customerId, currency, takes, customerLimit, dayLimit: dayLimit ?? null } };
}

/**
 * The charges that stay within the catalog's limits. One beyond the limit of a charge or of its customer's day is held
 * for a person; at the limit of the whole day charging stops until a person arms it again.
 */
export async function withinLimits(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly ChargeDossier[]> {
  const { limits } = ctx.catalog.current.defaults;
  if (Object.keys(limits.perCharge).length === 0 && !countsDays(limits)) return dossiers;
  const within = await withinOwnLimits(ctx, dossiers, now);
  return await withinTheDay(ctx, within, now);
}

async function withinOwnLimits(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly ChargeDossier[]> {
  const { limits } = ctx.catalog.current.defaults;
  const customers = dossiers.map(({ charge }) => charge.customerId);
  const spent = await customersSpent(ctx.db, ctx.buckets, customers, dayOf(ctx, now));
  const beyond: Change[] = [];
  const within: ChargeDossier[] = [];
  for (const dossier of dossiers) {
    const { customerId, amount, passesLimits: passes } = dossier.charge;
    const currency = dossier.charge.currency;
    const hold = heldByLimit(limits, { amount, currency, spentToday: spent(customerId, currency), passes });
    if (hold === null) within.push(dossier);
    else beyond.push(heldFor(ctx, dossier, hold, now));
  }
  await applyEach(ctx, beyond);
  return within;
}

function heldFor(
  ctx: Context,
  dossier: ChargeDossier,
  { reason, why }: NonNullable<ReturnType<typeof heldByLimit>>,
  now: Temporal.Instant,
): Change {
  const { charge, subscription } = dossier;
  ctx.log.error('charge held by a limit', { charge_id: charge.id, why });
  return {
    seen: subscription,
    charges: [held(charge, reason, why)],
    entries: [record(ctx.newId(charge.bucket), now, 'charge.held', dossier, { why })],
  };
}

/** As many as the day has room for, in their order; where it has none for the first, charging stops. */
async function withinTheDay(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly ChargeDossier[]> {
  const { limits } = ctx.catalog.current.defaults;
  if (Object.keys(limits.perDay).length === 0) return dossiers;
  const day = dayOf(ctx, now);
  const spent: Partial<Record<Currency, bigint>> = { ...(await spentToday(ctx.db, day)) };
  const within: ChargeDossier[] = [];
  for (const dossier of dossiers) {
    const currency = dossier.charge.currency;
    const before = spent[currency] ?? 0n;
    const { amount, passesLimits: passes } = dossier.charge;
    const limit = dayLimitFor(limits, { amount, currency, passes });
    spent[currency] = before + amount;
    if (limit === undefined || before + amount <= limit) within.push(dossier);
    else if (within.length > 0) break;
    else return await stopForTheDay(ctx, { currency, limit, before, amount }, now);
  }
  return within;
}

type Reached = {
  readonly currency: Currency;
  readonly limit: bigint;
  readonly before: bigint;
  readonly amount: bigint;
};

async function stopForTheDay(
  ctx: Context,
  { currency, limit, before, amount }: Reached,
  now: Temporal.Instant,
): Promise<readonly ChargeDossier[]> {
  const text = (minor: bigint) => majorText({ minor, currency });
  const reason =
    `per_day is reached: ${text(before)} of ${text(limit)} ${currency} on ${dayOf(ctx, now).toString()}, ` +
    `and the next charge is for ${text(amount)}. Look at what was charged; dueday arm begins a new count`;
  if (await stopCharging(ctx.db, OWN_ACCOUNT, now, reason)) ctx.log.error('charging stopped', { why: reason });
  return [];
}

/** A decline takes an attempt out of the count of its day, a late success puts it back: part of what settles it. */
export function correctionOf(
  ctx: Context,
  { attempt, charge }: AttemptDossier,
  outcome: string,
): { readonly correction?: Correction } {
  const before = countsAsSpent(attempt.outcome);
  const after = countsAsSpent(outcome);
  if (before === after || !countsDays(ctx.catalog.current.defaults.limits)) return {};
  const { bucket, customerId, currency } = charge;
  const amount = after ? charge.amount : -charge.amount;
  const { sentAt } = attempt;
  return { correction: { bucket, customerId, currency, amount, day: dayOf(ctx, sentAt), sentAt } };
}
