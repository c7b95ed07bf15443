import { and, asc, desc, eq, getTableColumns, isNotNull, isNull } from 'drizzle-orm';
import { type AttemptName, bucketOf } from '../../../domain/charges/attempt.ts';
import { held } from '../../../domain/charges/moves.ts';
import { alongside, anyOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { selection } from '../../database/selection.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type ChargingToken, chargingTokens, opened } from '../methods/sealed-tokens.ts';
import type { ChargeRow, SubscriptionRow } from '../schema/change-columns.ts';
import { attempts, charges } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { type Owner, owner } from '../subscriptions/subscriptions.ts';
import { type AskedFirst, isBeingPaid, isDue, isOf, isOverNone, isToAsk, isToClose } from './due.ts';
import { isForAction } from './open-actions.ts';

/** A charge with all that a decision about it needs. */
export type ChargeDossier = {
  readonly charge: ChargeRow;
  readonly subscription: SubscriptionRow;
  readonly token: ChargingToken | null;
  readonly customer: Owner;
};

const dossier = selection({
  charge: { alias: 'c', fields: getTableColumns(charges) },
  subscription: { alias: 's', fields: getTableColumns(subscriptions) },
  token: { alias: 't', fields: chargingTokens, isOptional: true },
  customer: { alias: 'u', fields: owner },
});

/**
 * Charges with their company, as dossiers. `from` is the table `charges c`, or what it is joined to; `rest` narrows and orders.
 */
export async function readDossiers(
  db: Database,
  buckets: readonly number[],
  { from = sql`charges c`, rest }: { readonly from?: Sql; readonly rest: Sql },
): Promise<readonly ChargeDossier[]> {
  const rows = await db.read(
    dossier,
    sql`select ${dossier.columns} from ${from}
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id and ${alongside(db.groups, 's', buckets)}
    join customers u on u.bucket = c.bucket and u.id = c.customer_id and ${alongside(db.groups, 'u', buckets)}
    left join tokens t on t.bucket = s.bucket and t.id = s.token_id and ${alongside(db.groups, 't', buckets)}
    where ${alongside(db.groups, 'c', buckets)} and ${rest}`,
  );
  return opened(db.vault, rows);
}

/** Who is attempted first. */
export type Order = 'time' | 'urgency';

/** Of those due at the same instant at least so many are looked at for the one that goes first. */
const LOOKED_AT = 64;

/**
 * Charges of an account that may be attempted now: in order of time, straight from the index over open work; or, where the pace makes
 * the others wait, those first that would lose most by waiting: last chances, then large amounts (docs/design.md section
 * 12). Chosen among bare charges, and only those are read whole. Left out are those of which an earlier attempt has to be
 * closed first; where rows may have been lost, those that Xendit was not asked about since; and those that go over a channel of
 * `without`.
 */
export async function dueCharges(
  db: Database,
  account: string,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
  order: Order,
  asked: AskedFirst,
  without: readonly string[] = [],
): Promise<readonly ChargeDossier[]> {
  const first = order === 'time' ? sql`c.next_attempt_at` : sql`c.ladder_step desc, c.amount desc, c.next_attempt_at`;
  const where = { groups: db.groups, buckets };
  const mayGo = sql`${isDue(buckets, now)} and ${isOf(account)} and not ${isToClose(where)} and not ${isToAsk(asked, where)} and ${isOverNone(without, where)}`;
  const chosen = sql`(select c.bucket, c.id from charges c where ${mayGo} order by ${first}
      limit ${Math.max(limit, LOOKED_AT)}::int) chosen join charges c on c.bucket = chosen.bucket and c.id = chosen.id`;
  // A mandate lets one charge of a subscription go a day: the oldest, whose window ends first.
  return await readDossiers(db, buckets, {
    from: chosen,
    rest: sql`true order by ${first}, c.due_at, c.id limit ${limit}::int`,
  });
}

/** Charges whose wait for the customer is over, but for those that their customer may be paying just now. */
export async function overdueWaits(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly ChargeDossier[]> {
  const rest = sql`${within('c', buckets)} and c.status = 'due' and c.waits_until <= ${now.toString()}::timestamptz
    and not ${isBeingPaid({ groups: db.groups, buckets })} and not ${isForAction(db.groups, buckets)} order by c.waits_until limit ${limit}::int`;
  return await readDossiers(db, buckets, { rest });
}

/** One charge; null when nobody has it. */
export async function chargeDossier(db: Database, bucket: number, id: string): Promise<ChargeDossier | null> {
  const [found] = await readDossiers(db, [bucket], {
    rest: sql`c.bucket = ${bucket}::smallint and c.id = ${id}::uuid limit 1`,
  });
  return found ?? null;
}

/** These of the charges, each with its company; one that nobody has is missing. */
export async function chargeDossiers(db: Database, ids: readonly string[]): Promise<readonly ChargeDossier[]> {
  if (ids.length === 0) return [];
  return await readDossiers(db, db.groups.flat(), { rest: sql`${anyOf('c', 'id', ids)} order by c.due_at, c.id` });
}

const isOpen = sql`charges.status in ('due', 'held', 'attempting')`;

/** The charges of a subscription that are not closed, oldest cycle first. */
export async function openChargesOf(db: Database, subscriptionId: string): Promise<readonly ChargeRow[]> {
  return await db.drizzle
    .select()
    .from(charges)
    .where(and(eq(charges.bucket, bucketOf(subscriptionId)), eq(charges.subscriptionId, subscriptionId), isOpen))
    .orderBy(asc(charges.cycle));
}

/** When the next attempt of each of these subscriptions is due, by its id; one that waits for none is missing. */
export async function nextAttemptsOf(
  db: Database,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, Temporal.Instant>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db.drizzle
    .select({ subscriptionId: charges.subscriptionId, at: charges.nextAttemptAt })
    .from(charges)
    .where(and(anyOf('charges', 'subscription_id', subscriptionIds), isOpen, isNotNull(charges.nextAttemptAt)))
    .orderBy(desc(charges.nextAttemptAt));
  // Of several the earliest is written last.
  return new Map(rows.flatMap(({ subscriptionId, at }) => (at === null ? [] : [[subscriptionId, at]])));
}

export type NamedCharge = {
  readonly referenceId: string;
  /** null: the subscription is ours, and it has no charge of this place. */
  readonly chargeId: string | null;
  readonly status: string | null;
};

const namedColumns = {
  ...columnsOf(charges, ['bucket', 'subscriptionId', 'cycle', 'extra']),
  ...columnsOf(attempts, ['referenceId']),
};

/** The charges whose places these references name, cycles or extra ones; those of subscriptions that we do not have are missing. */
export async function chargesNamed(
  db: Database,
  buckets: readonly number[],
  named: readonly Pick<AttemptName, 'bucket' | 'subscriptionId' | 'cycle' | 'extra' | 'referenceId'>[],
): Promise<readonly NamedCharge[]> {
  if (named.length === 0) return [];
  return await db.run<NamedCharge>(sql`select n.reference_id as "referenceId", c.id as "chargeId", c.status
    from ${recordset('n', namedColumns, named)}
    join subscriptions s on s.bucket = n.bucket and s.id = n.subscription_id
    left join charges c on c.bucket = s.bucket and ${alongside(db.groups, 'c', buckets)} and c.subscription_id = s.id
      and (c.cycle = n.cycle or c.extra = n.extra)
    where ${within('s', buckets)}`);
}

/** How much is waiting: due charges and the oldest instant among them. */
export async function backlog(
  db: Database,
  now: Temporal.Instant,
): Promise<{ readonly count: number; readonly oldest: string | null }> {
  const [row] = await db.run<{ count: number; oldest: string | null }>(sql`select count(*)::int as count,
    min(next_attempt_at)::text as oldest from charges where status = 'due' and next_attempt_at <= ${now.toString()}::timestamptz`);
  return row ?? { count: 0, oldest: null };
}

/** Nobody else holds the row just now: an update that met such a row would wait for it. */
export const isFree = ({ bucket, id }: Pick<ChargeRow, 'bucket' | 'id'>): Sql =>
  sql`(charges.bucket, charges.id) in (select f.bucket, f.id from charges f
    where f.bucket = ${bucket}::smallint and f.id = ${id}::uuid for no key update of f skip locked)`;

/**
 * Puts a charge off without an attempt: a rule outside the charge (mandate, network, no method) forbids one now.
 * Guarded on the instant it was looked at with; safe to repeat.
 */
export async function postponeCharge(
  db: Database,
  seen: ChargeRow,
  change: {
    readonly nextAttemptAt: Temporal.Instant | null;
    readonly waitsUntil: Temporal.Instant | null;
    readonly note: string;
    /** How often in a row it could not be claimed; as it was unless said. */
    readonly claimFaults?: number;
  },
): Promise<boolean> {
  const rows = await db.drizzle
    .update(charges)
    .set({ ...change, waitsFor: null })
    .where(
      and(
        eq(charges.bucket, seen.bucket),
        eq(charges.id, seen.id),
        eq(charges.status, 'due'),
        isFree(seen),
        seen.nextAttemptAt === null ? isNull(charges.nextAttemptAt) : eq(charges.nextAttemptAt, seen.nextAttemptAt),
      ),
    )
    .returning({ id: charges.id });
  return rows.length > 0;
}

/** Holds a charge of whose subscription nothing can be written: its row says why, and the ledger has no entry of it. */
export async function holdUnwritten(db: Database, seen: ChargeRow, note: string): Promise<void> {
  const after = held(seen, 'broken', note);
  const { holdReason, nextAttemptAt, waitsUntil, waitsFor } = after;
  await db.drizzle
    .update(charges)
    .set({ status: after.status, holdReason, nextAttemptAt, waitsUntil, waitsFor, note })
    .where(and(eq(charges.bucket, seen.bucket), eq(charges.id, seen.id), eq(charges.status, 'due'), isFree(seen)));
}
