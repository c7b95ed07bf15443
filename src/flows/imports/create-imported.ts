import type { Context } from '../../context.ts';
import type { ImportFault } from '../../domain/imports/header.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import { DatabaseError, isConnectionFault } from '../../infra/database/db.ts';
import { type KnownRow, keepLooks, rowsBetween } from '../../infra/tables/imports/import-rows.ts';
import { insertImported } from '../../infra/tables/imports/new-imported.ts';
import type { Customer } from '../../infra/tables/subscriptions/subscriptions.ts';
import { learnName } from '../onboarding/customer-name.ts';
import { type Book, bookOf, nameFault } from './book-faults.ts';
import { fileRows } from './file-rows.ts';
import { type Importing, importedSubscription, type Taken } from './imported-subscription.ts';
import type { Looking } from './look-up-tokens.ts';
import { CHANGED, isSameLine } from './same-line.ts';
import type { Watch } from './watch.ts';

/**
 * Creates the subscriptions of a file whose lines are all good, batch by batch, each line with all that belongs to it or nothing. Lines that
 * are done stay done, so that a process which dies is followed by another one. What somebody else did meanwhile leaves a line out, and its
 * row says why.
 */
export async function createImported(
  ctx: Context,
  importing: Importing & Looking,
  now: Temporal.Instant,
  watch: Watch,
): Promise<void> {
  let done = 0;
  // While the database stores a batch the next one is read.
  let before = Promise.resolve();
  for await (const batch of fileRows(ctx, importing.path, now)) {
    const known = await rowsBetween(ctx.db, ctx.buckets, importing.importId, batch);
    const { same = [], other = [] } = Object.groupBy(goodRows(batch.rows, known), ({ row, line }) =>
      isSameLine(ctx, row, line) ? 'same' : 'other',
    );
    await before;
    const changed = other.map(({ row: { line } }) => ({ line, column: null, message: CHANGED }));
    await leave(ctx, importing, [...batch.faults, ...changed], known);
    const rows = same.map(({ row }) => row);
    before = createRows(ctx, importing, rows, known, now);
    // Whoever waits for it hears of its failure; that it is nobody's until then must not end the process.
    before.catch(() => undefined);
    done += batch.rows.length;
    watch({ step: 'creating', done, of: importing.rows, until: null });
  }
  await before;
}

type Known = ReadonlyMap<number, KnownRow>;

function goodRows(rows: readonly ImportedRow[], known: Known) {
  return rows.flatMap((row) => {
    const line = known.get(row.line);
    return line?.state === 'good' ? [{ row, line }] : [];
  });
}

/** Together; where that fails each by itself, so that one name which somebody took keeps back no other. */
async function createRows(
  ctx: Context,
  importing: Importing,
  rows: readonly ImportedRow[],
  known: Known,
  now: Temporal.Instant,
): Promise<void> {
  if (rows.length === 0) return;
  const book = await bookOf(ctx, rows);
  const faults = rows.flatMap((row) => {
    const fault = nameFault(row, book);
    return fault === null ? [] : [{ line: row.line, ...fault }];
  });
  await leave(ctx, importing, faults, await stillGood(ctx, importing, known, faults));
  const free = rows.filter(({ line }) => !faults.some((fault) => fault.line === line));
  try {
    await insertTogether(ctx, importing, free, { known, book }, now);
  } catch (error) {
    if (!(error instanceof DatabaseError) || isConnectionFault(error) || rows.length === 1) throw error;
    for (const row of free) await createRows(ctx, importing, [row], known, now);
  }
}

/** Another process may have created a line that has a name now: then it is that line's own. */
async function stillGood(
  ctx: Context,
  { importId }: Importing,
  known: Known,
  faults: readonly ImportFault[],
): Promise<Known> {
  const lines = faults.map(({ line }) => line);
  if (lines.length === 0) return known;
  return await rowsBetween(ctx.db, ctx.buckets, importId, { from: Math.min(...lines), to: Math.max(...lines) });
}

async function insertTogether(
  ctx: Context,
  importing: Importing,
  rows: readonly ImportedRow[],
  { known, book }: { readonly known: Known; readonly book: Book },
  now: Temporal.Instant,
): Promise<void> {
  if (rows.length === 0) return;
  const made = new Map<string, Customer>();
  const taken = rows.flatMap((row) => takenRow(ctx, row, { known, book, made }, now));
  for (const { row, customer } of taken) await learnName(ctx, customer, row.customerId);
  ctx.failpoint?.('before-creating-imported');
  await insertImported(
    ctx.db,
    ctx.buckets,
    taken.map((one) => importedSubscription(ctx, importing, one, now)),
  );
  ctx.failpoint?.('after-creating-imported');
}

/** With the customer as our books have them, or a new one, who may stand in several lines. */
function takenRow(
  ctx: Context,
  row: ImportedRow,
  { known, book, made }: { readonly known: Known; readonly book: Book; readonly made: Map<string, Customer> },
  now: Temporal.Instant,
): readonly Taken[] {
  const { bucket, method } = known.get(row.line) ?? { bucket: 0, method: null };
  if (method === null) return [];
  const { customerReference: referenceId, customerId: xenditId } = row;
  const there = book.customers.get(referenceId) ?? made.get(referenceId);
  if (there !== undefined) return [{ row, bucket, customer: there, newCustomer: false, method }];
  const customer = { bucket, id: ctx.newId(bucket), referenceId, xenditId, createdAt: now };
  made.set(referenceId, customer);
  return [{ row, bucket, customer, newCustomer: true, method }];
}

/** Lines that were good when the import began, and cannot be created any more. */
async function leave(
  ctx: Context,
  { importId }: Importing,
  faults: readonly ImportFault[],
  known: Known,
): Promise<void> {
  const lookedAt = await ctx.clock.now();
  const left = faults.flatMap(({ line, column, message }) => {
    const row = known.get(line);
    const why = `${column ?? 'line'} ${message}`;
    return row?.state === 'good' ? [{ bucket: row.bucket, importId, line, state: 'left' as const, why, lookedAt }] : [];
  });
  const byLine = [...new Map(left.map((row) => [row.line, row])).values()];
  await keepLooks(ctx.db, ctx.buckets, byLine, ['good']);
}
