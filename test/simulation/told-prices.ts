import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import { type Rise, rises, STAGED } from './editions.ts';

/** A charge of a plan that costs more by now, with what its customer was told and answered; times in milliseconds since 1970. */
type Priced = {
  readonly id: string;
  readonly zone: string;
  readonly plan: string;
  readonly cycle: number;
  readonly amount: number;
  readonly due: number;
  readonly sent: number | null;
  readonly recorded: number | null;
  readonly agreed: number | null;
  /** When a repricing moved them. */
  readonly moved: number | null;
  /** They subscribed at the higher price, or changed to it themselves. */
  readonly is_theirs: boolean;
  /** They changed something themselves, which may be another price. */
  readonly is_changed: boolean;
};

export type ToldPrices = {
  readonly faults: readonly string[];
  /** Charges at a higher price, of those who subscribed at the old one. */
  readonly charged: number;
};

const MOST = 3;

/**
 * Nobody is charged a higher price before they were told, in time, and agreed where that is asked for; whoever was is charged it. One who
 * comes to it by a repricing alone not before that either. `inStages`: whether that is so of one plan.
 */
export async function toldPrices(db: Database, version: number, inStages: boolean): Promise<ToldPrices> {
  const charges = (await pricedCharges(db, version)).filter(({ is_theirs }) => !is_theirs);
  const judged = charges.map((charge) => ({ charge, rise: { ...riseOf(charge), inStages } }));
  const dear = judged.filter(({ charge, rise }) => isOf(charge, rise.after));
  const old = judged.filter(({ charge, rise }) => isOf(charge, rise.before) && !charge.is_changed && charge.cycle > 0);
  const early = dear.filter(({ charge, rise }) => charge.due <= holdsAfter(charge, rise));
  const late = old.filter(({ charge, rise }) => charge.due > surelyHoldsAfter(charge, rise));
  return {
    faults: [
      ...early.map(({ charge }) => `a higher price was charged that does not hold: ${JSON.stringify(charge)}`),
      ...late.map(({ charge }) => `the old price was charged although the new one holds: ${JSON.stringify(charge)}`),
      ...(await toldTwice(db)),
    ],
    charged: dear.length,
  };
}

/** That a customer is to be told is told once for each price. */
async function toldTwice(db: Database): Promise<readonly string[]> {
  const rows = await db.run<{ id: string; times: number }>(sql`select subscription_id as id, count(*)::int as times
    from ledger where kind = 'notice.owed' group by subscription_id, detail::jsonb->>'subject' having count(*) > 1`);
  return rows.map(({ id, times }) => `that ${id} is owed a notice was told ${times} times`);
}

function riseOf({ plan }: Priced): Rise {
  const rise = rises.find((one) => one.plan === plan);
  if (rise === undefined) throw new Error(`The price of ${plan} was not raised.`);
  return rise;
}

function isOf({ amount }: Priced, price: number): boolean {
  return amount % price === 0 && amount <= MOST * price;
}

/** What falls due after this costs more, if it was agreed to: their days begin anew at the hour of the notice, as their own clock has it. */
function toldAfter({ sent, recorded, zone }: Priced, { days }: Rise): number {
  if (sent === null || recorded === null) return Number.POSITIVE_INFINITY;
  const over = Temporal.Instant.fromEpochMilliseconds(sent).toZonedDateTimeISO(zone).add({ days });
  return Math.max(over.epochMilliseconds - 1, recorded);
}

type JudgedRise = Rise & { readonly inStages: boolean };

function holdsAfter(charge: Priced, rise: JudgedRise): number {
  const asked = rise.asks === 'notice' ? 0 : (charge.agreed ?? Number.POSITIVE_INFINITY);
  return Math.max(toldAfter(charge, rise), asked, movedAfter(charge, rise));
}

function movedAfter({ moved }: Priced, { plan, inStages }: JudgedRise): number {
  return inStages && plan === STAGED ? (moved ?? Number.POSITIVE_INFINITY) : 0;
}

/** Whoever agrees before the days are over pays from the first cycle on that falls due after them. */
function surelyHoldsAfter(charge: Priced, rise: JudgedRise): number {
  const told = Math.max(toldAfter(charge, rise), movedAfter(charge, rise));
  return holdsAfter(charge, rise) <= told ? told : Number.POSITIVE_INFINITY;
}

/** Those made of the plan alone. */
async function pricedCharges(db: Database, version: number): Promise<readonly Priced[]> {
  const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
  return await db.run<Priced>(sql`select c.subscription_id as id, s.time_zone as zone, c.plan, c.cycle, c.amount::float8 as amount,
      ${ms('c.due_at')} as due, ${ms('n.sent_at')} as sent, ${ms('n.recorded_at')} as recorded,
      (select ${ms('min(a.answered_at)')} from consents a where a.bucket = s.bucket and a.subscription_id = s.id
        and a.what = 'price' and a.answer = 'given' and a.subject = ${String(version)}) as agreed,
      (select ${ms('min(i.decided_at)')} from repricing_items i join repricings r on r.number = i.repricing
        where i.bucket = s.bucket and i.subscription_id = s.id and i.state = 'done' and r.to_version = ${version}) as moved,
      coalesce((select t.catalog_version from terms t where t.bucket = s.bucket and t.subscription_id = s.id
          order by t.number limit 1), s.catalog_version) = ${version}
        or exists (select from terms t where t.bucket = s.bucket and t.subscription_id = s.id and t.origin = 'changed'
          and t.catalog_version = ${version} and t.agreed_at <= c.created_at) as is_theirs,
      exists (select from terms t where t.bucket = s.bucket and t.subscription_id = s.id
        and t.origin not in ('created', 'repriced')) as is_changed
    from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    left join notices n on n.bucket = s.bucket and n.subscription_id = s.id and n.subject = ${String(version)}
    where c.cycle is not null and c.lines is null and c.plan in (${sql.join(
      rises.map(({ plan }) => sql`${plan}`),
      sql`, `,
    )})`);
}
