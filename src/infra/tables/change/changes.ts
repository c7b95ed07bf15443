import type { Entry } from '../../../domain/books/ledger.ts';
import { partsOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { columnList, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import type { Vault } from '../../vault/vault.ts';
import { ledgerColumns } from '../books/ledger.ts';
import type { CouponUse } from '../catalog/coupon-uses.ts';
import { type Correction, corrected, type Spend } from '../control/spending.ts';
import { sealedToken } from '../methods/sealed-tokens.ts';
import {
  type AttemptOutcome,
  type ChargeState,
  chargeColumns,
  type NewAttempt,
  type NewCharge,
  type NewFinding,
  newAttemptColumns,
  newFindingColumns,
  rowKeys,
  type SubscriptionRow,
  type SubscriptionState,
} from '../schema/change-columns.ts';
import { type ItemState, itemColumns, type NewItem, newItemColumns } from '../schema/item-columns.ts';
import {
  type NewToken,
  newOnboardingColumns,
  newTokenColumns,
  type OnboardingRow,
  type OnboardingState,
  onboardingColumns,
  onboardingKeys,
  type TokenState,
  tokenColumns,
} from '../schema/method-columns.ts';
import { newPaymentColumns, type PaymentRow } from '../schema/payments/payment-columns.ts';
import { type Agreed, agreedParts } from './agreed-rows.ts';
import { type ChainedRow, chain } from './chain.ts';
import { couponParts, eachTaking } from './coupon-parts.ts';
import { type DisputeRows, disputeParts } from './dispute-rows.ts';
import { type Fenced, insertion, update } from './fenced-rows.ts';
import type { Written } from './free-rows.ts';
import { type ApplyOptions, fence, type Moved, move, passed } from './moves.ts';
import { type OfferedRows, offeredParts } from './offered-rows.ts';
import { type RefundRows, refundParts, refundsSeen } from './refund-rows.ts';
import { columnsOfAnswered, columnsOfOpened } from './sent-columns.ts';

/**
 * One change of a subscription and what belongs to it. `seen` is the row that the decision was made on: its place in
 * the ledger is the fence, so a change decided on anything older than the newest state is refused as a whole.
 */
export type Change = {
  readonly seen: SubscriptionRow;
  readonly entries: readonly Entry[];
  readonly subscription?: Partial<SubscriptionState>;
  readonly savedTokens?: readonly NewToken[];
  readonly openedOnboardings?: readonly OnboardingRow[];
  readonly openedCharges?: readonly NewCharge[];
  /** Lines for the next charge. */
  readonly addedItems?: readonly NewItem[];
  readonly sentAttempts?: readonly NewAttempt[];
  readonly offered?: OfferedRows;
  readonly charges?: readonly ChargeState[];
  readonly attempts?: readonly AttemptOutcome[];
  readonly tokens?: readonly TokenState[];
  readonly onboardings?: readonly OnboardingState[];
  /** Taken by a charge, or withdrawn. */
  readonly items?: readonly ItemState[];
  readonly agreed?: Agreed;
  readonly refunds?: RefundRows;
  readonly disputes?: DisputeRows;
  /** Money that came in elsewhere. */
  readonly payments?: readonly PaymentRow[];
  /** Refunds to propose. */
  readonly findings?: readonly NewFinding[];
  /** Counted against the limits of `ApplyOptions.day`. */
  readonly spend?: Spend;
  /** When it gives back the coupon that it took, since it never began. */
  readonly couponGivenBack?: Temporal.Instant;
  /** The coupon that it takes with a change of its terms. */
  readonly couponTaken?: CouponUse;
  /** What was counted for an attempt whose outcome is known now. */
  readonly correction?: Correction;
};

/**
 * Applies changes, at most one a subscription, in ONE statement (one for each group of buckets): all that belongs to a change or
 * nothing of it. Safe to repeat: what was applied already is refused by its fence.
 * @returns the subscriptions whose change was applied, as they are now; the others were decided on an old state.
 */
export async function applyChanges(
  db: Database,
  buckets: readonly number[],
  changes: readonly Change[],
  options: ApplyOptions = {},
): Promise<ReadonlyMap<string, SubscriptionRow>> {
  const applied = new Map<string, SubscriptionRow>();
  for (const part of partsOf(db.groups, buckets)) {
    const ours = db.groups.length === 1 ? changes : changes.filter(({ seen }) => part.includes(seen.bucket));
    if (ours.length === 0) continue;
    try {
      for (const some of eachTaking(ours))
        for (const [id, row] of await applyTogether(db, part, some, options)) applied.set(id, row);
    } catch (error) {
      // What was applied before must be heard of. The others are decided again, and then the error is met by itself.
      if (applied.size === 0) throw error;
      break;
    }
  }
  return applied;
}

/** Changes of one group of buckets. */
async function applyTogether(
  db: Database,
  buckets: readonly number[],
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<ReadonlyMap<string, SubscriptionRow>> {
  const chained = changes.map((change) =>
    chain(change.seen, change.seen.ledgerSeq, change.seen.ledgerHead, change.entries),
  );
  const moved = changes.map(({ seen, subscription, spend }, index) => {
    const { seq, head } = chained[index] ?? { seq: seen.ledgerSeq, head: seen.ledgerHead };
    const after = { ...seen, ...subscription, ledgerSeq: seq, ledgerHead: head };
    return { before: seen, after, spend, changesState: subscription !== undefined };
  });
  const entries = chained.flatMap((one) => one.rows);
  const sealed = changes.map((change) => withSealedTokens(db.vault, change));
  const rows = await db.run<{ id: string }>(statement(buckets, sealed, moved, entries, options));
  const applied = new Set(rows.map((row) => row.id));
  return new Map(moved.filter(({ after }) => applied.has(after.id)).map(({ after }) => [after.id, after]));
}

/** Nothing leaves this process with a payment token in the clear. */
function withSealedTokens(vault: Vault, change: Change): Change {
  const { savedTokens } = change;
  return savedTokens === undefined
    ? change
    : { ...change, savedTokens: savedTokens.map((token) => sealedToken(vault, token)) };
}

function statement(
  buckets: readonly number[],
  changes: readonly Change[],
  moved: readonly Moved[],
  entries: readonly ChainedRow[],
  options: ApplyOptions,
): Sql {
  const savedTokens = rowsOf(changes, (change) => change.savedTokens);
  const parts = [
    ...fence(
      buckets,
      moved,
      [...(options.skipLocked === true ? writtenBy(changes) : []), ...refundsSeen(changes)],
      options,
    ),
    // Before the move, which may point to them: a distributed Postgres looks at a foreign key as soon as a part has run.
    ...insertion('tokens', newTokenColumns, savedTokens, { fencedBy: passed(options) }),
    move(buckets, moved, options),
    ...insertions(buckets, changes, options),
    ...updates(buckets, changes),
    ...corrections(buckets, changes),
    ...changes.flatMap(couponParts),
    ...agreedParts(buckets, changes),
    ...refundParts(buckets, changes),
    ...disputeParts(buckets, changes),
    sql`logged as (insert into ledger (${sql.raw(Object.keys(ledgerColumns).join(', '))})
      select ${columnList('e', Object.keys(ledgerColumns))} from ${recordset('e', ledgerColumns, entries)}
      join moved m on m.bucket = e.bucket and m.id = e.subscription_id)`,
  ];
  return sql`with ${sql.join(parts, ',\n')} select m.id from moved m`;
}

/** The rows of all changes that somebody else may hold on to. */
function writtenBy(changes: readonly Change[]): readonly Written[] {
  return [
    { table: 'charges', keys: rowKeys, ...rowsOf(changes, (change) => change.charges) },
    { table: 'attempts', keys: rowKeys, ...rowsOf(changes, (change) => change.attempts) },
    { table: 'tokens', keys: rowKeys, ...rowsOf(changes, tokensOf) },
    { table: 'onboardings', keys: onboardingKeys, ...rowsOf(changes, (change) => change.onboardings) },
    { table: 'items', keys: rowKeys, ...rowsOf(changes, (change) => change.items) },
    { table: 'customers', keys: rowKeys, ...rowsOf(changes, payers) },
  ];
}

/** The methods that a change writes, each once. */
function tokensOf({ tokens = [], agreed }: Change): readonly object[] {
  return [...tokens, ...(agreed?.notices ?? [])];
}

/** Whose day a change is counted in. */
function payers({ seen, spend, correction }: Change): readonly object[] {
  const counted = spend ?? correction;
  return counted === undefined ? [] : [{ bucket: seen.bucket, id: counted.customerId }];
}

/** The rows of all changes, each with the subscription of its change. */
function rowsOf(changes: readonly Change[], pick: (change: Change) => readonly object[] | undefined): Fenced {
  const items: object[] = [];
  const ids: string[] = [];
  for (const change of changes) {
    for (const item of pick(change) ?? []) {
      items.push(item);
      ids.push(change.seen.id);
    }
  }
  return { items, owners: { of_id: { values: ids, type: 'uuid' } } };
}

function insertions(buckets: readonly number[], changes: readonly Change[], options: ApplyOptions): Sql[] {
  const lease = sql`now() + ${options.leaseSeconds ?? 0}::int * interval '1 second'`;
  const sent = rowsOf(changes, (change) => change.sentAttempts);
  const opened = rowsOf(changes, (change) => change.openedCharges);
  const items = rowsOf(changes, (change) => change.addedItems);
  const sessions = rowsOf(changes, (change) => change.openedOnboardings);
  const findings = rowsOf(changes, (change) => change.findings);
  const payments = rowsOf(changes, (change) => change.payments);
  return [
    ...insertion('charges', columnsOfOpened(changes), opened),
    ...insertion('items', newItemColumns, items),
    ...insertion('onboardings', newOnboardingColumns, sessions),
    ...insertion('attempts', newAttemptColumns, sent, { beside: { name: 'lease_until', value: lease } }),
    ...offeredParts(buckets, changes, lease),
    ...insertion('findings', newFindingColumns, findings),
    ...insertion('payments', newPaymentColumns, payments),
  ];
}

function updates(buckets: readonly number[], changes: readonly Change[]): Sql[] {
  const charges = rowsOf(changes, (change) => change.charges);
  const attempts = rowsOf(changes, (change) => change.attempts);
  const tokens = rowsOf(changes, (change) => change.tokens);
  const onboardings = rowsOf(changes, (change) => change.onboardings);
  const items = rowsOf(changes, (change) => change.items);
  return [
    ...update(buckets, 'charges', rowKeys, chargeColumns, charges),
    ...update(buckets, 'attempts', rowKeys, columnsOfAnswered(changes), attempts),
    ...update(buckets, 'tokens', rowKeys, tokenColumns, tokens),
    ...update(buckets, 'onboardings', onboardingKeys, onboardingColumns, onboardings),
    ...update(buckets, 'items', rowKeys, itemColumns, items),
  ];
}

function corrections(buckets: readonly number[], changes: readonly Change[]): Sql[] {
  const { items, owners } = rowsOf(changes, ({ correction }) => (correction === undefined ? [] : [correction]));
  return items.length === 0 ? [] : corrected(buckets, items as readonly Correction[], owners);
}
