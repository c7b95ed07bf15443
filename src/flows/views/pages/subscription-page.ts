import type { Context } from '../../../context.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { shortWhy } from '../../../domain/charges/story/short.ts';
import { type Day, type Dot, yearOfDays } from '../../../domain/charges/year-of-days.ts';
import { standingSince } from '../../../domain/subscriptions/standing-since.ts';
import { newestOf } from '../../../infra/tables/books/ledger.ts';
import {
  chargesOfDays,
  type LifeOfCharges,
  lifeOfCharges,
  triesOf,
} from '../../../infra/tables/charges/life-of-charges.ts';
import { lifeOfMethods } from '../../../infra/tables/methods/subscription-methods.ts';
import { refundPage } from '../../../infra/tables/refunds/refunds.ts';
import type { ChargeRow } from '../../../infra/tables/schema/change-columns.ts';
import {
  onboardingsOf,
  type SubscriptionDossier,
  subscriptionDossier,
} from '../../../infra/tables/subscriptions/subscriptions.ts';
import { type RefundTold, refundTold } from '../refund-view.ts';
import { major, type SubscriptionView, subscriptionViews } from '../subscription-view.ts';
import { listUpcoming } from '../upcoming.ts';
import { type Happened, happenedOf, methodLifeView, type Told, toldOf } from './subscription-past.ts';

export type SubscriptionPage = {
  readonly subscription: SubscriptionView;
  /** Since when it stands as it stands; null where nobody wrote it down. */
  readonly since: string | null;
  /** The dispute that it is stopped for; null: it is not. */
  readonly stoppedBy: string | null;
  readonly year: number;
  /** The first year that has anything to show, and the one that runs. */
  readonly firstYear: number;
  readonly thisYear: number;
  /** What it owes for the periods that begin in the year, newest first. */
  readonly owed: readonly OwedRow[];
  /** What is open, of whichever year. */
  readonly open: readonly OwedRow[];
  readonly days: readonly Day[];
  readonly today: Temporal.PlainDate;
  /** Over its whole life, major units. */
  readonly collected: number;
  readonly givenBack: number;
  /** Cycles that nobody answers for: there is no charge of them. */
  readonly missing: readonly number[];
  readonly coming: readonly Coming[];
  readonly happened: readonly Happened[];
  readonly methods: ReturnType<typeof methodLifeView>[];
  readonly sessions: Awaited<ReturnType<typeof onboardingsOf>>;
  readonly told: readonly Told[];
  /** What was given back last, or is to be, newest first. */
  readonly refunds: readonly RefundTold[];
};

/** A charge as a row of the year. */
export type OwedRow = {
  readonly id: string;
  readonly cycle: number | null;
  readonly start: Temporal.PlainDate;
  readonly end: Temporal.PlainDate;
  readonly state: ShownState;
  readonly amount: number;
  readonly collected: number;
  readonly givenBack: number;
  readonly currency: string;
  readonly why: string;
  readonly attempts: number;
};

/** The next try of a charge that is open, or a cycle that is to fall due. */
export type Coming = {
  readonly at: string;
  readonly cycle: number | null;
  readonly isRetry: boolean;
  readonly amount: number;
  readonly currency: string;
};

const COMING = 5;
const HAPPENED = 10;
const REFUNDS = 5;

/** A subscription with the cycles of a year, what comes, what happened, and what it is charged to; null when nobody has it. */
export async function subscriptionPage(
  ctx: Context,
  id: string,
  asked: number | null,
  now: Temporal.Instant,
): Promise<SubscriptionPage | null> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { subscription: row } = dossier;
  const { timeZone: zone, bucket, currency } = row;
  const today = localDate(now, zone);
  const year = asked ?? today.year;
  const [first, last] = [
    Temporal.PlainDate.from({ year, month: 1, day: 1 }),
    Temporal.PlainDate.from({ year, month: 12, day: 31 }),
  ];
  const [[subscription], life, charges, upcoming, entries, methods, sessions, told, refunds] = await Promise.all([
    subscriptionViews(ctx, [dossier], now),
    lifeOfCharges(ctx.db, row),
    chargesOfDays(ctx.db, row, first, last),
    listUpcoming(ctx, id, COMING),
    newestOf(ctx.db, bucket, id, HAPPENED),
    lifeOfMethods(ctx.db, row),
    onboardingsOf(ctx.db, bucket, id),
    toldOf(ctx, dossier),
    refundPage(ctx.db, { subscriptionId: id }, null, REFUNDS),
  ]);
  if (subscription === undefined) return null;
  const tries = await triesOf(
    ctx.db,
    charges.map((charge) => charge.id),
  );
  const lastOutcomes = new Map(tries.map(({ chargeId, outcome }) => [chargeId, outcome]));
  const rowOf = (charge: ChargeRow) => owedRow(charge, lastOutcomes.get(charge.id) ?? null, zone, now);
  const coming = comingOf(charges, upcoming ?? []);
  return {
    subscription,
    since: standingSince(row)?.toString() ?? null,
    stoppedBy: row.stoppedBy,
    year,
    firstYear: firstYearOf(life, dossier, today),
    thisYear: today.year,
    owed: charges.filter(({ periodStart }) => periodStart.year === year).map(rowOf),
    open: charges.filter(({ status }) => status === 'due' || status === 'attempting' || status === 'held').map(rowOf),
    days: daysOf(year, zone, charges, tries, coming),
    today,
    collected: major(BigInt(life.collected), currency),
    givenBack: major(BigInt(life.givenBack), currency),
    missing: life.missing,
    coming,
    happened: entries.map(happenedOf),
    methods: methods.map((method) => methodLifeView(method, dossier)),
    sessions,
    told,
    refunds: refunds.map((one) => refundTold(one, zone)),
  };
}

function firstYearOf(
  { firstDay }: LifeOfCharges,
  { subscription }: SubscriptionDossier,
  today: Temporal.PlainDate,
): number {
  const began = firstDay === null ? (subscription.anchor ?? today) : Temporal.PlainDate.from(firstDay);
  return Math.min(began.year, today.year);
}

function owedRow(charge: ChargeRow, lastOutcome: string | null, zone: string, now: Temporal.Instant): OwedRow {
  const { id, cycle, periodStart: start, periodEnd: end, currency, attempts } = charge;
  return {
    id,
    cycle,
    start,
    end,
    state: shownState({ ...charge, lastOutcome }),
    amount: major(charge.amount, currency),
    collected: major(charge.collected + charge.overpaid, currency),
    givenBack: major(charge.refunded + charge.chargedBack, currency),
    currency,
    why: shortWhy(charge, zone, now),
    attempts,
  };
}

type Tries = Awaited<ReturnType<typeof triesOf>>;

function daysOf(
  year: number,
  zone: string,
  charges: readonly ChargeRow[],
  tries: Tries,
  coming: readonly Coming[],
): readonly Day[] {
  const periods = charges
    .filter(({ kind }) => kind === 'cycle')
    .map((charge) => ({
      start: charge.periodStart,
      end: charge.periodEnd,
      dueOn: localDate(charge.dueAt, zone),
      status: charge.status,
      isForgiven: charge.byHand?.closed === 'forgiven',
      settledOn: charge.settledAt === null ? null : localDate(charge.settledAt, zone),
    }));
  const planned = coming.map(({ at, isRetry }) => ({ on: localDate(Temporal.Instant.from(at), zone), isRetry }));
  const dots = [
    ...tries.map(({ sentAt, outcome }) => ({ on: localDate(sentAt, zone), dot: dotOf(outcome) })),
    ...planned.map(({ on }) => ({ on, dot: 'open' as const })),
  ];
  const due = planned.filter(({ isRetry }) => !isRetry).map(({ on }) => on);
  return yearOfDays(year, periods, due, dots);
}

function dotOf(outcome: Tries[number]['outcome']): Dot {
  if (outcome === 'succeeded') return 'paid';
  return outcome === 'declined' || outcome === 'refused' ? 'declined' : 'open';
}

/** The tries that are planned and the cycles that are to fall due, the next five of them. */
function comingOf(charges: readonly ChargeRow[], upcoming: NonNullable<Awaited<ReturnType<typeof listUpcoming>>>) {
  const retries = charges.flatMap(({ cycle, amount, currency, nextAttemptAt, attempts }) =>
    nextAttemptAt === null
      ? []
      : [{ at: nextAttemptAt.toString(), cycle, isRetry: attempts > 0, amount: major(amount, currency), currency }],
  );
  const cycles = upcoming.map(({ cycle, due_at: at, amount, currency }) => ({
    at,
    cycle,
    isRetry: false,
    amount,
    currency,
  }));
  return [...retries, ...cycles]
    .toSorted((a, b) => Temporal.Instant.compare(Temporal.Instant.from(a.at), Temporal.Instant.from(b.at)))
    .slice(0, COMING);
}
