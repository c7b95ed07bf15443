import { and } from 'drizzle-orm';
import { alongside, anyOf } from '../../database/buckets.ts';
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
  const rows = await db.run<{ name: string; owner: string }>(sql`select name, owner_id as owner from names
    where names.bucket = any(${asked.map(({ bucket }) => bucket)}::smallint[])
      and (names.bucket, names.kind, names.name) in (select n.bucket, n.kind, n.name from ${recordset('n', nameColumns, asked)})`);
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

/** A subscription that goes on, as its customer has it; whether another biller had it before. */
export type Living = {
  readonly id: string;
  readonly customerId: string;
  readonly referenceId: string;
  readonly plan: string;
  readonly isImported: boolean;
};

/** What of theirs goes on for these customers. */
export async function livingOf(
  db: Database,
  buckets: readonly number[],
  customerIds: readonly string[],
): Promise<readonly Living[]> {
  if (customerIds.length === 0) return [];
  return await db.run<Living>(sql`select s.id, s.customer_id as "customerId", s.reference_id as "referenceId", s.plan,
      exists (select from terms t where t.bucket = s.bucket and ${alongside(db.groups, 't', buckets)}
          and t.subscription_id = s.id and t.number = 1 and t.origin = 'imported')
        as "isImported"
    from subscriptions s
    where ${anyOf('s', 'customer_id', customerIds)} and s.status not in ('canceled', 'ended')`);
}
