import { z } from 'zod';
import { idNotFound } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import type { World } from '../world.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import { productOf, referenceOf, statusOf, transactionView } from './transaction-view.ts';

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
  /** Seconds until one shows: how soon Xendit's do is not documented (api-facts 5). */
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

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const Query = z.looseObject({
  reference_id: z.string().min(1).max(255).optional(),
  types: oneOrMany.optional(),
  statuses: oneOrMany.optional(),
  product_id: z.string().optional(),
  currency: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  after_id: z.string().optional(),
  'created[gte]': z.iso.datetime({ offset: true }).optional(),
  'created[lte]': z.iso.datetime({ offset: true }).optional(),
});

type Query = z.output<typeof Query>;

/** `GET /transactions`, newest first (api-facts 5; samples/transactions-list.response.json). */
export function listTransactions(world: World, input: unknown): object {
  const query: Query = parse(Query, input, 'query');
  const found = select(world, query);
  const page = found.slice(0, query.limit);
  const now = world.clock.now();
  return {
    has_more: found.length > page.length,
    data: page.map((transaction) => transactionView(transaction, now)),
    links: [],
  };
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
  return (
    (query.types?.includes(transaction.type) ?? true) &&
    (query.statuses?.includes(statusOf(transaction)) ?? true) &&
    (query.product_id ?? productOf(transaction)) === productOf(transaction) &&
    (query.currency ?? transaction.payment.request.order.currency) === transaction.payment.request.order.currency &&
    (until === undefined || Temporal.Instant.compare(transaction.created, Temporal.Instant.from(until)) <= 0)
  );
}

function isVisible(world: World, transaction: Transaction): boolean {
  const age = world.clock.now().epochMilliseconds - transaction.created.epochMilliseconds;
  return age >= world.transactions.lagSeconds * 1000;
}
