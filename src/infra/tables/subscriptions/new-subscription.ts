import { and, eq, isNull } from 'drizzle-orm';
import type { Entry } from '../../../domain/books/ledger.ts';
import type { Database } from '../../database/db.ts';
import { type Columns, columnList, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { bucketOfName } from '../../ids.ts';
import { ledgerColumns } from '../books/ledger.ts';
import { type CouponUse, useTaken } from '../catalog/coupon-uses.ts';
import { chain, emptyHead } from '../change/chain.ts';
import { sealedToken } from '../methods/sealed-tokens.ts';
import {
  type NewCharge,
  type NewFirstCharge,
  newFirstChargeColumns,
  newLinedChargeColumns,
  newSubscriptionColumns,
  type SubscriptionRow,
} from '../schema/change-columns.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { type NewTakenItem, newTakenItemColumns } from '../schema/item-columns.ts';
import {
  type NewToken,
  newOnboardingColumns,
  newTokenColumns,
  type OnboardingRow,
  type RankedRow,
  rankedColumns,
} from '../schema/method-columns.ts';
import { customers, type NameKind, names } from '../schema/methods.ts';
import { type NewOpenAttempt, newOpenAttemptColumns } from '../schema/paying-columns.ts';
import type { Customer } from './subscriptions.ts';

export type Name = typeof names.$inferSelect;

/** Who has this name; null when it is free. */
export async function ownerOf(db: Database, kind: NameKind, name: string): Promise<Name | null> {
  const [row] = await db.drizzle
    .select()
    .from(names)
    .where(and(eq(names.bucket, bucketOfName(name)), eq(names.kind, kind), eq(names.name, name)))
    .limit(1);
  return row ?? null;
}

export async function customerById(db: Database, bucket: number, id: string): Promise<Customer | null> {
  const [row] = await db.drizzle
    .select()
    .from(customers)
    .where(and(eq(customers.bucket, bucket), eq(customers.id, id)))
    .limit(1);
  return row ?? null;
}

/**
 * Keeps what Xendit calls a customer of whom only our own reference was known. Two statements, since the name has a bucket
 * of its own; each may be repeated, and what is there stays.
 */
export async function nameCustomer(db: Database, { bucket, id }: Customer, xenditId: string): Promise<void> {
  await db.drizzle
    .insert(names)
    .values(nameRow('xendit_customer', xenditId, id, null))
    .onConflictDoNothing();
  await db.drizzle
    .update(customers)
    .set({ xenditId })
    .where(and(eq(customers.bucket, bucket), eq(customers.id, id), isNull(customers.xenditId)));
}

/** Takes a name for an owner unless somebody has it, and answers whose it is. */
export async function takeName(db: Database, kind: NameKind, name: string, ownerId: string): Promise<string> {
  await db.drizzle
    .insert(names)
    .values(nameRow(kind, name, ownerId, null))
    .onConflictDoNothing();
  return (await ownerOf(db, kind, name))?.ownerId ?? ownerId;
}

/** Its customer saves a method in a session that is open; `first`: and pays cycle 0 there. */
export type InSession = {
  readonly onboarding: OnboardingRow;
  readonly first?: { readonly charge: NewFirstCharge; readonly attempt: NewOpenAttempt };
};

/** It begins at once, with a method that its customer has saved before. */
export type WithMethod = {
  readonly token: NewToken;
  readonly ranked: RankedRow;
  /** What is asked for before its first cycle. */
  readonly openedCharges: readonly NewCharge[];
  /** The one trial of its plan, by the names that it is had under; empty: the plan does not count. */
  readonly trials: readonly string[];
};

export type NewSubscription = {
  readonly subscription: Omit<SubscriptionRow, 'ledgerSeq' | 'ledgerHead'>;
  readonly requestHash: string;
  readonly customer: Customer;
  /** The customer is stored with it; false when it was known before. */
  readonly newCustomer: boolean;
  readonly begins: InSession | WithMethod;
  /** Lines of its first charge. */
  readonly items: readonly NewTakenItem[];
  /** The coupon that it takes. */
  readonly use: CouponUse | null;
  readonly entries: readonly Entry[];
};

/**
 * Stores a subscription with its names, customer, session and first ledger entries, in ONE statement: all or nothing.
 * A name that somebody took meanwhile fails the whole statement: the caller looks with `isNameTaken`. So does a coupon of which
 * no use is left: `whyNotTaken` tells.
 */
export async function insertSubscription(db: Database, made: NewSubscription): Promise<void> {
  const { subscription, customer } = made;
  const linked = chain(subscription, 0, emptyHead, made.entries);
  const owned = [
    nameRow('subscription', subscription.referenceId, subscription.id, made.requestHash),
    ...(made.newCustomer && customer.referenceId !== null
      ? [nameRow('customer', customer.referenceId, customer.id, null)]
      : []),
    ...(made.newCustomer && customer.xenditId !== null
      ? [nameRow('xendit_customer', customer.xenditId, customer.id, null)]
      : []),
    ...trialsOf(made).map((trial) => nameRow('trial', trial, subscription.id, null)),
  ];
  const state = { ...subscription, ledgerSeq: linked.seq, ledgerHead: linked.head };
  const parts = [
    insertPart('names', nameColumns, owned),
    insertPart('customers', customerColumns, made.newCustomer ? [customer] : []),
    ...('token' in made.begins
      ? [insertPart('tokens', newTokenColumns, [sealedToken(db.vault, made.begins.token)])]
      : []),
    insertPart('subscriptions', newSubscriptionColumns, [state], sql` returning bucket, id`),
    ...(made.use === null ? [] : useTaken(made.use, 'new_subscriptions')),
    ...beginning(made.begins),
    ...(made.items.length === 0 ? [] : [insertPart('items', newTakenItemColumns, made.items)]),
    insertPart('ledger', ledgerColumns, linked.rows),
  ];
  await db.run(sql`with ${sql.join(parts, ', ')} select 1`);
}

/** What points to the subscription, and what its items point to. */
function beginning(begins: NewSubscription['begins']): readonly Sql[] {
  if ('onboarding' in begins) {
    const { onboarding, first } = begins;
    return [
      ...(first === undefined
        ? []
        : [insertPart('charges', newFirstChargeColumns, [first.charge]), leased(first.attempt)]),
      insertPart('onboardings', newOnboardingColumns, [onboarding]),
    ];
  }
  const { ranked, openedCharges } = begins;
  return [
    insertPart('subscription_methods', rankedColumns, [ranked]),
    ...(openedCharges.length === 0 ? [] : [insertPart('charges', newLinedChargeColumns, openedCharges)]),
  ];
}

/** Nobody is at work on it: its answer is there. */
function leased(attempt: NewOpenAttempt): Sql {
  const names = Object.keys(newOpenAttemptColumns);
  return sql`new_attempts as (insert into attempts (${sql.raw(names.join(', '))}, lease_until)
    select ${columnList('n', names)}, now() from ${recordset('n', newOpenAttemptColumns, [attempt])})`;
}

function trialsOf({ begins }: NewSubscription): readonly string[] {
  return 'trials' in begins ? begins.trials : [];
}

/**
 * Whether somebody has a name of a subscription that could not be stored. Plain Postgres says so by itself (23505), a distributed one
 * says XX000, as of much else: so whatever the error, the names are looked up.
 */
export async function isNameTaken(db: Database, made: NewSubscription): Promise<boolean> {
  const { subscription, customer, newCustomer } = made;
  const names: readonly (readonly [NameKind, string | null])[] = [
    ['subscription', subscription.referenceId],
    ['customer', newCustomer ? customer.referenceId : null],
    ['xendit_customer', newCustomer ? customer.xenditId : null],
    ...trialsOf(made).map((trial) => ['trial', trial] as const),
  ];
  for (const [kind, name] of names) if (name !== null && (await ownerOf(db, kind, name)) !== null) return true;
  return false;
}

export function nameRow(kind: NameKind, name: string, ownerId: string, requestHash: string | null): Name {
  return { bucket: bucketOfName(name), kind, name, ownerId, requestHash };
}

export function insertPart(table: string, columns: Columns, rows: readonly object[], returning = sql``) {
  const names = Object.keys(columns);
  return sql`${sql.raw(`new_${table}`)} as (insert into ${sql.raw(`${table} (${names.join(', ')})`)}
    select ${columnList('n', names)} from ${recordset('n', columns, rows)}${returning})`;
}

export const nameColumns = columnsOf(names);
export const customerColumns = columnsOf(customers, ['bucket', 'id', 'referenceId', 'xenditId', 'createdAt']);
