/** What a ledger entry can be about, beside what happens to a subscription. Stable for ever: finance filters by it (docs/design.md section 10). */
export const entryKinds = [
  'charge.opened',
  'attempt.sent',
  'attempt.settled',
  'charge.paid',
  'charge.uncollectible',
  'charge.held',
  'charge.released',
  'charge.voided',
  'charge.link_opened',
  'charge.requires_action',
  'charge.forgiven',
  'payment.overpaid',
  'payment.received',
  'refund.requested',
  'refund.sent',
  'refund.settled',
  'refund.failed',
  'dispute.opened',
  'dispute.won',
  'dispute.lost',
  'chargeback.taken',
  'chargeback.returned',
  'credit.granted',
  'credit.used',
  'credit.returned',
  'credit.expired',
  'token.saved',
  'token.ended',
  'token.ranked',
  'token.removed',
  'method.expiring',
  'notice.owed',
  'notice.sent',
] as const;
export type EntryKind = (typeof entryKinds)[number] | `subscription.${string}`;

/** One line of the charge log, before it is chained. Amounts are minor units; dates and instants ISO text. */
export type Entry = {
  readonly entryId: string;
  readonly at: Temporal.Instant;
  readonly kind: EntryKind;
  readonly subscriptionReference: string;
  readonly subscriptionId: string;
  readonly plan: string;
  readonly customerReference: string | null;
  readonly chargeId: string | null;
  readonly cycle: number | null;
  readonly periodStart: Temporal.PlainDate | null;
  readonly periodEnd: Temporal.PlainDate | null;
  readonly attempt: number | null;
  readonly referenceId: string | null;
  readonly channel: string | null;
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly money: bigint;
  readonly outcome: string | null;
  readonly failureCode: string | null;
  readonly class: string | null;
  readonly decision: string | null;
  readonly why: string | null;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly catalogVersion: number | null;
  readonly actor: string;
  /** By how much the subscription's credit moved, minor units. */
  readonly credit?: bigint | undefined;
  /** What the entry says beyond its columns: JSON in one spelling, since it is hashed. */
  readonly detail?: string | undefined;
};

/** The columns of the charge log in their order, which never changes; new ones are added at the end. */
export const logColumns = [
  'entry_id',
  'at',
  'kind',
  'subscription_reference',
  'subscription_id',
  'plan',
  'customer_reference',
  'charge_id',
  'cycle',
  'period_start',
  'period_end',
  'attempt',
  'reference_id',
  'channel',
  'amount',
  'currency',
  'money',
  'outcome',
  'failure_code',
  'class',
  'decision',
  'why',
  'payment_request_id',
  'payment_id',
  'catalog_version',
  'actor',
  'hash',
  'credit',
  'detail',
  'account',
] as const;

export type LogColumn = (typeof logColumns)[number];

/** What is hashed ends with `detail`, for ever: what else there is to say of an entry belongs into it. */
type HashedColumn = Exclude<LogColumn, 'hash' | 'account'>;

/** An entry as the database and the log know it: snake_case, plain values. Amounts stay minor units, as text. */
export type EntryRow = { readonly [column in HashedColumn]: string | number | null };

/** The row of an entry; its instants have milliseconds, so that what is read back hashes the same. */
export function entryRow(entry: Entry): EntryRow {
  return {
    entry_id: entry.entryId,
    at: atText(entry.at),
    kind: entry.kind,
    subscription_reference: entry.subscriptionReference,
    subscription_id: entry.subscriptionId,
    plan: entry.plan,
    customer_reference: entry.customerReference,
    charge_id: entry.chargeId,
    cycle: entry.cycle,
    period_start: startText(entry.periodStart),
    period_end: endText(entry.periodEnd),
    attempt: entry.attempt,
    reference_id: entry.referenceId,
    channel: entry.channel,
    amount: entry.amount?.toString() ?? null,
    currency: entry.currency,
    money: entry.money.toString(),
    outcome: entry.outcome,
    failure_code: entry.failureCode,
    class: entry.class,
    decision: entry.decision,
    why: entry.why,
    payment_request_id: entry.paymentRequestId,
    payment_id: entry.paymentId,
    catalog_version: entry.catalogVersion,
    actor: entry.actor,
    credit: entry.credit?.toString() ?? null,
    detail: entry.detail ?? null,
  };
}

/** Writes a value once while it is the one that comes again: the entries of a change have its instant, those of a charge its period. */
function writingOnce<T>(write: (value: T) => string): (value: T | null) => string | null {
  let [before, text]: [T | null, string | null] = [null, null];
  return (value) => {
    if (value !== before) [before, text] = [value, value === null ? null : write(value)];
    return text;
  };
}

const atText = writingOnce((at: Temporal.Instant) => at.toString({ smallestUnit: 'millisecond' }));
const startText = writingOnce(String);
const endText = writingOnce(String);

const hashedColumns: readonly HashedColumn[] = logColumns.filter((column) => column !== 'hash' && column !== 'account');

/**
 * The text that is hashed: the sequence number, then every column in the log's order, without the nulls at its end. So an entry
 * from before the last columns has the text that it was hashed with. Never changes for a released column.
 */
export function canonicalText(seq: number, row: EntryRow): string {
  const values = hashedColumns.map((column) => row[column]);
  while (values.at(-1) === null) values.pop();
  return JSON.stringify([seq, ...values]);
}
