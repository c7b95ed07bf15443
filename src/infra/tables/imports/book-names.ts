import { and } from 'drizzle-orm';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { sql } from '../../database/sql.ts';
import { bucketOfName } from '../../ids.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { customers, type NameKind, names } from '../schema/methods.ts';
import type { Customer } from '../subscriptions/subscriptions.ts';

const nameColumns = columnsOf(names, ['bucket', 'kind', 'name']);

/** Who has these names, by the name. */
export async function ownersOf(
  db: Database,
  kind: NameKind,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(wanted)].map((name) => ({ bucket: bucketOfName(name), kind, name }));
  if (asked.length === 0) return new Map();
  // With a list of buckets beside the names the planner reads the table as a whole.
  const rows = await db.run<{ name: string; owner: string }>(sql`select name, owner_id as owner from names
    where (names.bucket, names.kind, names.name) in (select n.bucket, n.kind, n.name from ${recordset('n', nameColumns, asked)})`);
  return new Map(rows.map(({ name, owner }) => [name, owner]));
}

/** These customers, by their id. */
export async function customersOf(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Customer>> {
  if (ids.length === 0) return new Map();
  const rows = await db.drizzle
    .select()
    .from(customers)
    .where(and(anyOf('customers', 'id', ids)));
  return new Map(rows.map(({ spent: _spent, spentOn: _on, ...customer }) => [customer.id, customer]));
}

/** The mark of a name that was taken by a line of an import: no request of the API is answered as if it had made it. */
export function importMark(importId: string, line: number): string {
  return `${IMPORT}:${importId}:${line}`;
}
const IMPORT = 'import';

/** The import that each of these subscriptions came with, by its reference; one that came with none is not among them. */
export async function importsOf(db: Database, references: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const buckets = references.map(bucketOfName);
  const rows = await db.run<{
    name: string;
    importId: string;
  }>(sql`select name, split_part(request_hash, ':', 2) as "importId" from names
    where names.bucket = any(${buckets}::smallint[]) and names.kind = 'subscription' and names.name = any(${references}::text[])
      and split_part(request_hash, ':', 1) = ${IMPORT}`);
  return new Map(rows.map(({ name, importId }) => [name, importId]));
}

/** A subscription that goes on, as its customer has it. */
export type Living = {
  readonly id: string;
  readonly customerId: string;
  readonly referenceId: string;
  readonly plan: string;
};

/** What of theirs goes on for these customers. */
export async function livingOf(db: Database, customerIds: readonly string[]): Promise<readonly Living[]> {
  if (customerIds.length === 0) return [];
  return await db.run<Living>(sql`select s.id, s.customer_id as "customerId", s.reference_id as "referenceId", s.plan
    from subscriptions s
    where ${anyOf('s', 'customer_id', customerIds)} and s.status not in ('canceled', 'ended')`);
}
