import { type Sql, sql } from '../../database/sql.ts';

/** What a list of charges is sorted by; with a minus the other way. */
export const chargeOrders = [
  'due_at',
  '-due_at',
  'amount',
  '-amount',
  'last_attempt',
  '-last_attempt',
  'charge',
  '-charge',
] as const;
export type ChargeOrder = (typeof chargeOrders)[number];
export type SortedBy = 'due_at' | 'amount' | 'last_attempt' | 'charge';

/** A part of the place of a charge in an order. */
export type PlacePart = 'at' | 'currency' | 'minor' | 'reference' | 'kind' | 'number';

type Part = { readonly name: PlacePart; readonly of: Sql; readonly type: Sql };

const timestamp = sql`timestamptz`;
const text = sql`text`;

/** Amounts of two currencies are not compared. Extra charges of a subscription come behind its cycles. Who was never tried was so before all. */
const PARTS: Readonly<Record<SortedBy, readonly Part[]>> = {
  due_at: [{ name: 'at', of: sql`c.due_at`, type: timestamp }],
  amount: [
    { name: 'currency', of: sql`c.currency`, type: text },
    { name: 'minor', of: sql`c.amount`, type: sql`bigint` },
  ],
  last_attempt: [
    {
      name: 'at',
      of: sql`coalesce((select a.sent_at from attempts a
        where a.bucket = c.bucket and a.charge_id = c.id and a.number = c.attempts), 'epoch')`,
      type: timestamp,
    },
  ],
  charge: [
    { name: 'reference', of: sql`s.reference_id`, type: text },
    { name: 'kind', of: sql`c.kind`, type: text },
    { name: 'number', of: sql`coalesce(c.cycle, c.extra)`, type: sql`int` },
  ],
};

export function sortedBy(order: ChargeOrder): SortedBy {
  return order.replace('-', '') as SortedBy;
}

/** What a place in this order is told by, beside the id of its charge. */
export function partsOfPlace(order: ChargeOrder): readonly PlacePart[] {
  return PARTS[sortedBy(order)].map(({ name }) => name);
}

/** Where a charge stands in an order. */
export type ChargePlace = Readonly<Partial<Record<PlacePart, string>>> & { readonly id: string };

/** An index keeps charges by their due date; for any other order all of a list are read, and sorted. */
export function isKeptSorted(order: ChargeOrder): boolean {
  return sortedBy(order) === 'due_at';
}

/** The end of a statement over charges `c` and, but by due date, their subscriptions `s`: those strictly after this place, in this order. */
export function afterInOrder(
  order: ChargeOrder,
  after: ChargePlace | null,
): { readonly isAfter: Sql; readonly sorted: Sql } {
  const parts = PARTS[sortedBy(order)];
  const [beyond, way] = order.startsWith('-') ? [sql`<`, sql` desc`] : [sql`>`, sql` asc`];
  const keys = [...parts.map(({ of }) => of), sql`c.id`];
  const sorted = sql.join(
    keys.map((key) => sql`${key}${way}`),
    ', ',
  );
  if (after === null) return { isAfter: sql`true`, sorted };
  const values = [...parts.map(({ name, type }) => sql`${after[name] ?? null}::${type}`), sql`${after.id}::uuid`];
  return { isAfter: sql`(${sql.join(keys, ', ')}) ${beyond} (${sql.join(values, ', ')})`, sorted };
}
