import { z } from 'zod';
import { idNotFound } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import type { World } from '../world.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import { productOf, referenceOf, statusOf, transactionView, updatedAt } from './transaction-view.ts';

/** What moved the money. */
export type Cause = { type: 'PAYMENT'; payment: Payment } | { type: 'REFUND'; payment: Payment; refund: Refund };

export type Transaction = Cause & {
  readonly id: string;
  readonly position: number;
  readonly created: Temporal.Instant;
};

export type Transactions = {
  readonly byId: Map<string, Transaction>;
  readonly byReference: Map<string, Transaction[]>;
  /** In the order in which they were made. */
  readonly all: Transaction[];
  /** Seconds until one shows: how soon Xendit's do is not documented (docs/xendit.md 5). */
  lagSeconds: number;
};

/** Notes a movement of money, for `/transactions`. */
export function recordTransaction(world: World, cause: Cause): void {
  const { all, byId, byReference } = world.transactions;
  const transaction = { ...cause, id: `txn_${world.ids.uuid()}`, position: all.length, created: world.clock.now() };
  all.push(transaction);
  byId.set(transaction.id, transaction);
  const reference = referenceOf(transaction);
  const same = byReference.get(reference);
  if (same === undefined) byReference.set(reference, [transaction]);
  else same.push(transaction);
}

const TYPES = [
  'ADJUSTMENT_ADD',
  'ADJUSTMENT_DEDUCT',
  'BNPL_PARTNER_SETTLEMENT_CREDIT',
  'BNPL_PARTNER_SETTLEMENT_DEBIT',
  'CASHBACK_FEE',
  'CASHBACK_VAT',
  'CHARGEBACK',
  'CONVERSION',
  'DISBURSEMENT',
  'FOREX_DEDUCTION',
  'FOREX_DEPOSIT',
  'IN_PERSON_PAYMENT',
  'LOAN_REPAYMENT',
  'OTHER',
  'PAYMENT',
  'REFUND',
  'REMITTANCE',
  'REMITTANCE_COLLECTION_PAYMENT',
  'REMITTANCE_PAYOUT',
  'RESERVES_HOLD',
  'RESERVES_RELEASE',
  'TOPUP',
  'TRANSFER_IN',
  'TRANSFER_OUT',
  'WITHDRAWAL',
] as const;
const CATEGORIES = [
  'BANK',
  'CARDLESS_CREDIT',
  'CARDS',
  'CASH',
  'DIRECT_BANK_TRANSFER',
  'DIRECT_DEBIT',
  'EWALLET',
  'OTHER',
  'PAYLATER',
  'QR_CODE',
  'RETAIL_OUTLET',
  'VIRTUAL_ACCOUNT',
  'XENPLATFORM',
] as const;
const STATUSES = ['PENDING', 'SUCCESS', 'FAILED', 'VOIDED', 'REVERSED'] as const;

/** `types=PAYMENT&types=REFUND`, as the documented call writes it. */
function oneOrMany<T extends string>(values: readonly T[]) {
  return z.preprocess((given) => [given].flat(), z.array(z.enum(values)));
}

const time = z.iso.datetime({ offset: true });

const Query = z.strictObject({
  reference_id: z.string().min(1).max(255).optional(),
  types: oneOrMany(TYPES).optional(),
  statuses: oneOrMany(STATUSES).optional(),
  channel_categories: oneOrMany(CATEGORIES).optional(),
  product_id: z.string().optional(),
  currency: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  after_id: z.string().optional(),
  'created[gte]': time.optional(),
  'created[lte]': time.optional(),
  'updated[gte]': time.optional(),
  'updated[lte]': time.optional(),
});

type Query = z.output<typeof Query>;

/** `GET /transactions`, newest first (docs/xendit.md 5; test/fixtures/xendit/transactions-list.response.json). */
export function listTransactions(world: World, input: unknown): object {
  const query: Query = parse(Query, input, 'query');
  const found = select(world, query);
  const page = found.slice(0, query.limit);
  const now = world.clock.now();
  const more = found.length > page.length;
  const last = page.at(-1);
  return {
    has_more: more,
    data: page.map((transaction) => transactionView(transaction, now)),
    links: more && last !== undefined ? [nextLink(input, last.id)] : [],
  };
}

/** The same question, from behind the last item (list-transactions: "links", rel "next"). */
function nextLink(input: unknown, lastId: string): object {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input as Record<string, string | string[]>)) {
    for (const one of [value].flat()) if (name !== 'after_id') query.append(name, one);
  }
  query.set('after_id', lastId);
  return { href: `/transactions?${query.toString()}`, rel: 'next', method: 'GET' };
}

/** `GET /transactions/{id}`. */
export function getTransaction(world: World, id: string): object {
  const transaction = world.transactions.byId.get(id);
  if (transaction === undefined || !isVisible(world, transaction)) throw idNotFound();
  return transactionView(transaction, world.clock.now());
}

// Walks backwards and stops one beyond the page: a list over 20,000 must not be read whole for each page.
function select(world: World, query: Query): Transaction[] {
  const { all, byId, byReference } = world.transactions;
  const source = query.reference_id === undefined ? all : (byReference.get(query.reference_id) ?? []);
  const before = query.after_id === undefined ? all.length : (byId.get(query.after_id)?.position ?? 0);
  const earliest = query['created[gte]'] && Temporal.Instant.from(query['created[gte]']).epochMilliseconds;
  const found: Transaction[] = [];
  for (let i = Math.min(source.length, source === all ? before : source.length) - 1; i >= 0; i -= 1) {
    const one = source[i];
    if (one === undefined || found.length > query.limit) break;
    if (earliest !== undefined && earliest !== '' && one.created.epochMilliseconds < earliest) break;
    if (one.position < before && isVisible(world, one) && matches(one, query)) found.push(one);
  }
  return found;
}

function matches(transaction: Transaction, query: Query): boolean {
  const until = query['created[lte]'];
  const updated = updatedAt(transaction);
  return (
    (query.types?.includes(transaction.type) ?? true) &&
    (query.channel_categories?.includes(transaction.payment.request.order.channel.category) ?? true) &&
    (query.statuses?.some((status) => status === statusOf(transaction)) ?? true) &&
    isWithin(updated, query['updated[gte]'], query['updated[lte]']) &&
    (query.product_id ?? productOf(transaction)) === productOf(transaction) &&
    (query.currency ?? transaction.payment.request.order.currency) === transaction.payment.request.order.currency &&
    isWithin(transaction.created, undefined, until)
  );
}

function isWithin(at: Temporal.Instant, from: string | undefined, until: string | undefined): boolean {
  return (
    (from === undefined || Temporal.Instant.compare(Temporal.Instant.from(from), at) <= 0) &&
    (until === undefined || Temporal.Instant.compare(at, Temporal.Instant.from(until)) <= 0)
  );
}

function isVisible(world: World, transaction: Transaction): boolean {
  const age = world.clock.now().epochMilliseconds - transaction.created.epochMilliseconds;
  return age >= world.transactions.lagSeconds * 1000;
}
