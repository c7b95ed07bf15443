import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import type { Payment } from './xendit.ts';

/** One attempt as the rules of mandate and networks see it; days are those of the subscription's calendar. */
type Tried = {
  readonly reference_id: string;
  readonly token_id: string;
  readonly network: string | null;
  readonly amount: string;
  readonly day: string;
  readonly sent_ms: number;
  readonly outcome: string | null;
  readonly outcome_ms: number | null;
  readonly class: string | null;
  readonly network_code: string | null;
  readonly frequency: number;
  readonly expiry: string;
  /** Made before a failover and found again at Xendit: its row tells when it was found, not when it was tried. */
  readonly found: boolean;
};

const HOUR = 3_600_000;
/** What the networks publish, counted here by another hand than the product's (docs/xendit.md 10). */
const published: readonly { network: string | null; reattempts: number; hours: number }[] = [
  { network: 'VISA', reattempts: 20, hours: 720 },
  { network: 'MASTERCARD', reattempts: 10, hours: 24 },
  { network: 'MASTERCARD', reattempts: 35, hours: 720 },
  { network: null, reattempts: 4, hours: 720 },
];

/** Never beyond the mandate, never beyond the network limits (invariants 8 and 9). */
export async function limitFaults(db: Database, payments: readonly Payment[]): Promise<readonly string[]> {
  const tried = await db.run<Tried>(sql`select a.reference_id, a.token_id, t.network, a.amount::text as amount,
      (r.at at time zone s.time_zone)::date::text as day, (extract(epoch from r.at) * 1000)::float8 as sent_ms,
      a.outcome, (extract(epoch from a.outcome_at) * 1000)::float8 as outcome_ms, a.class, a.network_code,
      t.recurring_frequency as frequency, t.recurring_expiry::text as expiry,
      exists (select 1 from ledger l where l.bucket = a.bucket and l.reference_id = a.reference_id
        and l.kind = 'attempt.sent' and l.why like 'It was found at Xendit%') as found
    from attempts a join charges c on c.bucket = a.bucket and c.id = a.charge_id
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    join tokens t on t.bucket = a.bucket and t.id = a.token_id
    cross join lateral (select coalesce(a.repeated_at, a.sent_at) as at) r order by r.at, a.reference_id`);
  const changedTheirMind = new Set(payments.filter((one) => one.succeededLate).map((one) => one.referenceId));
  const faults: string[] = [];
  for (const list of Map.groupBy(tried, (one) => one.token_id).values()) {
    for (const [index, one] of list.entries()) {
      if (one.found) continue;
      const before = list.slice(0, index);
      faults.push(...mandateFaults(one, before, changedTheirMind), ...networkFaults(one, before));
    }
  }
  return faults;
}

function mandateFaults(one: Tried, before: readonly Tried[], changedTheirMind: ReadonlySet<string>): readonly string[] {
  if (one.day > one.expiry) return [`${one.reference_id} was tried on ${one.day}, after its mandate ended`];
  const last = before.findLast((other) => reached(other) && !changedTheirMind.has(other.reference_id));
  if (last === undefined) return [];
  const earliest = Temporal.PlainDate.from(last.day).add({ days: last.frequency }).toString();
  return one.day < earliest
    ? [`${one.reference_id} was tried on ${one.day}, and the mandate allowed it from ${earliest} on`]
    : [];
}

/** Only what was known when the attempt was made counts against it. */
function networkFaults(one: Tried, before: readonly Tried[]): readonly string[] {
  const declined = before.filter(
    (other) =>
      other.outcome === 'declined' &&
      reached(other) &&
      other.amount === one.amount &&
      (other.outcome_ms ?? 0) <= one.sent_ms,
  );
  return limitsOf(one.network).flatMap(({ reattempts, hours }) => {
    const counted = declined.filter((other) => other.sent_ms > one.sent_ms - hours * HOUR).length;
    return counted > reattempts ? [`${one.reference_id} is retry ${counted} within ${hours} hours`] : [];
  });
}

function limitsOf(network: string | null) {
  const own = published.filter((limit) => limit.network === network);
  return own.length > 0 ? own : published.filter((limit) => limit.network === null);
}

/** Technical failures and our own faults stay this side of the issuer. */
function reached(one: Tried): boolean {
  if (one.outcome === 'refused') return false;
  return one.outcome !== 'declined' || !['technical', 'our_fault', 'throttled'].includes(one.class ?? '');
}
