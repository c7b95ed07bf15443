import type { Context } from '../../context.ts';
import type { ImportFault } from '../../domain/imports/header.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import { customersOf, type Living, livingOf, ownersOf } from '../../infra/tables/imports/book-names.ts';
import type { Customer } from '../../infra/tables/subscriptions/subscriptions.ts';

/** What the books have under the names of some lines. */
export type Book = {
  readonly subscriptions: ReadonlyMap<string, string>;
  readonly customers: ReadonlyMap<string, Customer>;
  /** By Xendit's id. */
  readonly atXendit: ReadonlyMap<string, Customer>;
};

export async function bookOf({ db }: Context, rows: readonly ImportedRow[]): Promise<Book> {
  const [subscriptions, byReference, byId] = await Promise.all([
    ownersOf(
      db,
      'subscription',
      rows.map(({ referenceId }) => referenceId),
    ),
    ownersOf(
      db,
      'customer',
      rows.map(({ customerReference }) => customerReference),
    ),
    ownersOf(
      db,
      'xendit_customer',
      rows.map(({ customerId }) => customerId),
    ),
  ]);
  const known = await customersOf(db, [...new Set([...byReference.values(), ...byId.values()])]);
  return { subscriptions, customers: named(byReference, known), atXendit: named(byId, known) };
}

function named(owners: ReadonlyMap<string, string>, known: ReadonlyMap<string, Customer>) {
  return new Map(
    [...owners].flatMap(([name, id]) => {
      const customer = known.get(id);
      return customer === undefined ? [] : [[name, customer] as const];
    }),
  );
}

/** What the books have against lines of a file. */
export async function bookFaults(ctx: Context, rows: readonly ImportedRow[]): Promise<readonly ImportFault[]> {
  const book = await bookOf(ctx, rows);
  const living = await livingOf(ctx.db, [...new Set([...book.customers.values()].map(({ id }) => id))]);
  return rows.flatMap((row) => {
    const fault = nameFault(row, book) ?? secondFault(row, book, living);
    return fault === null ? [] : [{ line: row.line, ...fault }];
  });
}

type Found = { readonly column: string; readonly message: string };

/** A name that is somebody's already. */
export function nameFault({ referenceId, customerReference, customerId }: ImportedRow, book: Book): Found | null {
  const owner = book.subscriptions.get(referenceId);
  if (owner !== undefined) return { column: 'reference_id', message: `is that of subscription ${owner} already` };
  const [customer, namesake] = [book.customers.get(customerReference), book.atXendit.get(customerId)];
  const xenditId = customer?.xenditId ?? null;
  if (xenditId !== null && xenditId !== customerId)
    return { column: 'customer_id', message: `is ${customerId}, and ${customerReference} is ${xenditId} at Xendit` };
  if (namesake === undefined || namesake.id === customer?.id) return null;
  const name = namesake.referenceId ?? 'a customer without a reference';
  return { column: 'customer_reference', message: `is ${customerReference}, and ${customerId} is that of ${name}` };
}

/** Its customer has the same plan here: both would be charged. */
function secondFault({ customerReference, plan }: ImportedRow, book: Book, living: readonly Living[]): Found | null {
  const customer = book.customers.get(customerReference);
  const other = living.find((one) => one.customerId === customer?.id && one.plan === plan.id);
  if (other === undefined) return null;
  const message = `has subscription ${other.referenceId} of the plan ${plan.id} already, and would be charged twice: cancel that one, or leave this line out`;
  return { column: 'customer_reference', message };
}
