import { sql } from 'drizzle-orm';
import { canonicalText } from '../../src/domain/books/ledger.ts';
import { bucketOf, readReference } from '../../src/domain/charges/attempt.ts';
import type { Database } from '../../src/infra/database/db.ts';
import { sha256 } from '../../src/infra/ids.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { emptyHead } from '../../src/infra/tables/change/chain.ts';

/** Money that the gateway has really taken, by its own list; minor units. */
export type Taken = Money & { readonly referenceId: string };
type Money = { readonly currency: string; readonly amount: bigint };

type Known = {
  /** The subscriptions whose chains are looked at; all, unless it is said. */
  readonly chains?: readonly string[];
  /** What the gateway gave back to customers, by its own list. */
  readonly givenBack?: readonly Money[];
};

/** The first entry at which a subscription's chain breaks; null when it is whole, from its first entry to its head. */
export async function brokenLink(db: Database, id: string): Promise<number | null> {
  const entries = await chainOf(db, bucketOf(id), id);
  let last = emptyHead;
  for (const [index, entry] of entries.entries()) {
    const isNext = entry.seq === index + 1 && entry.prev_hash === last;
    if (!isNext || entry.hash !== sha256(`${last}\n${canonicalText(entry.seq, entry)}`)) return index + 1;
    last = entry.hash;
  }
  const [head] = await db.run<{ seq: number; head: string }>(
    sql`select ledger_seq as seq, ledger_head as head from subscriptions where id = ${id}::uuid`,
  );
  return head?.head === last && head.seq === entries.length ? null : entries.length + 1;
}

/**
 * What must hold whatever happened, once everything is quiet: the gateway's own list of payments is ours, no cycle was
 * paid twice unless that is an overpayment, nothing is lost from sight, and every chain of the ledger is whole.
 * @returns what does not hold, a line each.
 */
export async function unsound(
  db: Database,
  taken: readonly Taken[],
  { chains, givenBack = [] }: Known = {},
): Promise<readonly string[]> {
  const faults = [...(await moneyFaults(db, taken, givenBack)), ...cycleFaults(taken)];
  for (const [rule, query] of Object.entries(RULES)) {
    const broken = await db.run(query);
    if (broken.length > 0) faults.push(`${rule}: ${JSON.stringify(broken)}`);
  }
  for (const id of chains ?? (await subscriptions(db))) {
    const link = await brokenLink(db, id);
    if (link !== null) faults.push(`the chain of ${id} breaks at entry ${link}`);
  }
  return faults;
}

async function subscriptions(db: Database): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select id::text from subscriptions`);
  return rows.map(({ id }) => id);
}

/** Every success recorded, no phantom success, and the ledger's money is the gateway's. */
async function moneyFaults(
  db: Database,
  taken: readonly Taken[],
  givenBack: readonly Money[],
): Promise<readonly string[]> {
  const rows = await db.run<{ ref: string }>(sql`select reference_id as ref from attempts where outcome = 'succeeded'`);
  const [ours, theirs] = [rows.map((row) => row.ref), taken.map((one) => one.referenceId)];
  const money = await db.run<{ currency: string; money: string }>(
    sql`select currency, sum(money)::text as money from ledger where money <> 0 group by currency`,
  );
  const ledger = new Map(money.map((row) => [row.currency, BigInt(row.money)]));
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of taken) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  for (const { currency, amount } of givenBack) sums.set(currency, (sums.get(currency) ?? 0n) - amount);
  const currencies = [...new Set([...ledger.keys(), ...sums.keys()])];
  return [
    ...without(theirs, ours).map((ref) => `the gateway took ${ref}, which we did not record`),
    ...without(ours, theirs).map((ref) => `we recorded ${ref}, which the gateway did not take`),
    ...currencies
      .filter((currency) => ledger.get(currency) !== sums.get(currency))
      .map((one) => `the ledger has ${ledger.get(one) ?? 0n} ${one}, the gateway ${sums.get(one) ?? 0n}`),
  ];
}

/** What is in one list and not in the other, each as often as it is. */
function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return list.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function cycleFaults(taken: readonly Taken[]): readonly string[] {
  const cycles = taken.map(({ referenceId }) => {
    const reference = readReference(referenceId);
    return reference?.kind === 'attempt' ? `${reference.subscriptionId} cycle ${reference.cycle}` : referenceId;
  });
  return cycles.filter((cycle, at) => cycles.indexOf(cycle) < at).map((cycle) => `${cycle} was taken twice`);
}

const RULES = {
  'a charge does not say what its attempts collected': sql`select c.id from charges c
    join attempts a on a.bucket = c.bucket and a.charge_id = c.id
    where a.outcome = 'succeeded' group by c.id, c.amount, c.collected, c.overpaid
    having count(*) * c.amount <> c.collected + c.overpaid`,
  'an attempt is in flight, and nobody is at it': sql`select reference_id, lease_until from attempts where outcome is null`,
  'an attempt nobody knows of has no next look-up': sql`select a.reference_id from attempts a
    join charges c on c.bucket = a.bucket and c.id = a.charge_id
    where a.outcome in ('pending', 'unknown') and a.next_check_at is null and c.status = 'attempting'`,
  'a due charge has no next time': sql`select c.id from charges c
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    where c.status = 'due' and coalesce(c.next_attempt_at, c.waits_until) is null and s.status <> 'paused'`,
  'a charge is being attempted, and no attempt is open': sql`select c.id from charges c where c.status = 'attempting'
    and not exists (select from attempts a where a.bucket = c.bucket and a.charge_id = c.id
      and (a.outcome is null or a.outcome in ('pending', 'unknown')))`,
  'a webhook waits for ever': sql`select id from inbox where status = 'received' and next_try_at is null`,
  'dunning is counted wrongly': sql`select s.id from subscriptions s
    left join charges c on c.bucket = s.bucket and c.subscription_id = s.id
    group by s.id, s.in_dunning having s.in_dunning <> count(*) filter (where c.in_dunning)`,
} as const;
