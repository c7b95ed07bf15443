import { and, asc, eq, getTableColumns } from 'drizzle-orm';
import { alongside, anyOf, listed, takeByGroup, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { selection } from '../../database/selection.ts';
import { sql } from '../../database/sql.ts';
import { isPermitted, type Permit, permitOf } from '../control/binding.ts';
import { chargingTokens, opened } from '../methods/sealed-tokens.ts';
import type { AttemptRow, ChargeRow } from '../schema/change-columns.ts';
import { attempts, charges } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { owner } from '../subscriptions/subscriptions.ts';
import type { ChargeDossier } from './charges.ts';

/** An attempt as far as settling it depends on it. */
export type OpenAttempt = Pick<
  AttemptRow,
  | 'bucket'
  | 'id'
  | 'via'
  | 'expiresAt'
  | 'tokenId'
  | 'number'
  | 'referenceId'
  | 'request'
  | 'requestHash'
  | 'amount'
  | 'currency'
  | 'sentAt'
  | 'repeatedAt'
  | 'failureCode'
  | 'actionClosedAt'
  | 'outcome'
  | 'asks'
  | 'actionUrl'
  | 'actions'
  | 'paymentRequestId'
  | 'paymentId'
>;

/** An attempt with its charge; `token` is the one it was sent with; none where it asked by a session or a code. */
export type AttemptDossier = ChargeDossier & { readonly attempt: OpenAttempt };

const dossier = selection({
  attempt: { alias: 'a', fields: getTableColumns(attempts) },
  charge: { alias: 'c', fields: getTableColumns(charges) },
  subscription: { alias: 's', fields: getTableColumns(subscriptions) },
  token: { alias: 't', fields: chargingTokens, isOptional: true },
  customer: { alias: 'u', fields: owner },
});

/** Attempts by id, with what a decision needs. One whose token is named and gone is none of them: its rows are not whole. */
export async function attemptDossiers(
  db: Database,
  buckets: readonly number[],
  ids: readonly string[],
): Promise<readonly AttemptDossier[]> {
  if (ids.length === 0) return [];
  const rows = await db.read(
    dossier,
    sql`select ${dossier.columns} from attempts a
    join charges c on c.bucket = a.bucket and c.id = a.charge_id and ${alongside(db.groups, 'c', buckets)}
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id and ${alongside(db.groups, 's', buckets)}
    join customers u on u.bucket = a.bucket and u.id = a.customer_id and ${alongside(db.groups, 'u', buckets)}
    left join tokens t on t.bucket = a.bucket and t.id = a.token_id and ${alongside(db.groups, 't', buckets)}
    where ${within('a', buckets)} and ${anyOf('a', 'id', ids)} and (a.token_id is null or t.id is not null)`,
  );
  return opened(db.vault, rows);
}

/** The attempts of one charge, in order. */
export async function attemptsOf(db: Database, bucket: number, chargeId: string): Promise<readonly AttemptRow[]> {
  return await db.drizzle
    .select()
    .from(attempts)
    .where(and(eq(attempts.bucket, bucket), eq(attempts.chargeId, chargeId)))
    .orderBy(asc(attempts.number));
}

/** An attempt that asked something of its customer, as far as it is shown in a list. */
export type AskingAttempt = Pick<
  AttemptRow,
  'chargeId' | 'outcome' | 'failureCode' | 'actionClosedAt' | 'expiresAt' | 'actions'
>;

const asking = selection({
  attempt: {
    alias: 'a',
    fields: {
      chargeId: attempts.chargeId,
      outcome: attempts.outcome,
      failureCode: attempts.failureCode,
      actionClosedAt: attempts.actionClosedAt,
      expiresAt: attempts.expiresAt,
      actions: attempts.actions,
    },
  },
});

/** Those attempts of these charges that asked something of their customer, oldest first. */
export async function askingAttempts(db: Database, chargeIds: readonly string[]): Promise<readonly AskingAttempt[]> {
  if (chargeIds.length === 0) return [];
  const all = db.groups.flat();
  const rows = await db.read(
    asking,
    sql`select ${asking.columns} from ${listed('n', chargeIds)}
    join attempts a on a.bucket = n.bucket and a.charge_id = n.id and ${alongside(db.groups, 'a', all)}
    where a.actions is not null order by a.number`,
  );
  return rows.map(({ attempt }) => attempt);
}

/** The attempt that Xendit knows under this reference; null when it is none of ours. */
export async function attemptByReference(
  db: Database,
  bucket: number,
  referenceId: string,
): Promise<AttemptRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(attempts)
    .where(and(eq(attempts.bucket, bucket), eq(attempts.referenceId, referenceId)))
    .limit(1);
  return row ?? null;
}

export type NamedAttempt = Pick<
  AttemptRow,
  'bucket' | 'id' | 'chargeId' | 'referenceId' | 'outcome' | 'amount' | 'currency' | 'paymentId'
> &
  Pick<ChargeRow, 'account'>;

const namedColumns = columnsOf(attempts, ['bucket', 'referenceId']);

/** The attempts that Xendit knows under these references, in one statement; those that are none of ours are missing. */
export async function attemptsByReference(
  db: Database,
  buckets: readonly number[],
  named: readonly { readonly bucket: number; readonly referenceId: string }[],
): Promise<readonly NamedAttempt[]> {
  if (named.length === 0) return [];
  const found = await db.run<Omit<NamedAttempt, 'amount'> & { readonly amount: string }>(sql`select a.bucket, a.id,
      a.charge_id as "chargeId", a.reference_id as "referenceId", a.outcome, a.amount::text as amount, a.currency,
      a.payment_id as "paymentId", c.account
    from ${recordset('n', namedColumns, named)}
    join attempts a on a.bucket = n.bucket and a.reference_id = n.reference_id
    join charges c on c.bucket = a.bucket and c.id = a.charge_id and ${alongside(db.groups, 'c', buckets)}
    where ${within('a', buckets)}`);
  return found.map((one) => ({ ...one, amount: BigInt(one.amount) }));
}

/**
 * Takes attempts that need asking about: those whose owner fell silent (its lease is over, in real time) and those whose
 * next look-up is due (by the billing clock). Taken ones are leased, so that two processes do not ask at once.
 */
export async function takeForRescue(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  leaseSeconds: number,
): Promise<readonly string[]> {
  const until = sql`now() + ${leaseSeconds}::int * interval '1 second'`;
  const next = sql`${now.add({ seconds: leaseSeconds }).toString()}::timestamptz`;
  const taken = await takeByGroup(
    db.groups,
    buckets,
    limit,
    async (part, most) =>
      await db.run<{ id: string }>(sql`with late as (
      select l.bucket, l.id from attempts l where ${within('l', part)} and l.outcome is null and l.lease_until < now()
      order by l.lease_until limit ${most}::int for update skip locked),
    asked as (
      select k.bucket, k.id from attempts k where ${within('k', part)} and k.outcome in ('pending', 'unknown')
        and k.next_check_at <= ${now.toString()}::timestamptz
      order by k.next_check_at limit ${most}::int for update skip locked),
    taken as (select * from late union all select * from asked)
    update attempts a set lease_until = ${until}, next_check_at = case when a.outcome is null then null else ${next} end
    from taken t where ${within('a', part)} and a.bucket = t.bucket and a.id = t.id
    returning a.id`),
  );
  return taken.map((row) => row.id);
}

/**
 * Written before the request of an attempt leaves once more: mandate and network limits count from then on. The last look
 * and this write are one: false when anything about its subscription changed since it was `seen`, as every outcome,
 * cancellation and pause does, or when charging is no longer permitted; and then it must not leave. Whoever cancels afterwards comes after it.
 */
export async function markRepeated(
  db: Database,
  seen: Pick<AttemptDossier, 'attempt' | 'subscription'>,
  permit: Permit,
  now: Temporal.Instant,
): Promise<boolean> {
  const { attempt, subscription } = seen;
  const rows = await db.run(sql`with ${permitOf(permit)}, fence as (select s.bucket, s.id from subscriptions s
      where s.bucket = ${subscription.bucket}::smallint and s.id = ${subscription.id}::uuid
        and s.ledger_seq = ${subscription.ledgerSeq}::int and s.ledger_head = ${subscription.ledgerHead}
        and ${isPermitted} for update of s)
    update attempts a set repeated_at = ${now.toString()}::timestamptz
    from fence f where a.bucket = f.bucket and a.id = ${attempt.id}::uuid returning a.id`);
  return rows.length > 0;
}
