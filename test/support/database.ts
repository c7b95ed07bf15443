import { afterAll, inject } from 'vitest';
import { connection, withDatabase } from '../../src/infra/database/connection.ts';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { openVault } from '../../src/infra/vault/vault.ts';
import { asRole } from './role.ts';

export type TestDatabase = {
  /** As the daemon should be: with the rights of dueday_app, so that every test proves that they suffice. */
  readonly db: Database;
  readonly url: string;
  /** The superuser, whom no right stops. */
  readonly admin: Database;
  readonly adminUrl: string;
};

/** Tests run sealed, so that every flow proves that it can. */
export const testVault = openVault([{ id: 'test', secret: Buffer.alloc(32, 'dueday test') }]);

let made = 0;

/** A fresh clone of the migrated template, for one test file; it is dropped after it. Call it at the top of the file. */
export async function testDatabase(options: { readonly poolSize?: number } = {}): Promise<TestDatabase> {
  const { template } = inject('postgres');
  const adminUrl = await clone(template);
  const url = asRole(adminUrl, 'dueday_app');
  const db = openDatabase({
    url: keepingPlans(url),
    poolSize: options.poolSize ?? 3,
    applicationName: 'dueday test',
    vault: testVault,
  });
  const admin = openDatabase({ url: adminUrl, poolSize: 2, applicationName: 'dueday test admin' });
  afterAll(async () => {
    await Promise.all([db.close(), admin.close()]);
  });
  return { db, url, admin, adminUrl };
}

/**
 * Planning is most of what Postgres does for a test, so a connection plans each statement once. Plans decide how fast rows are
 * found, and few rows are as fast by any; what plans cost is looked at over a URL without this (test/flows/look-cost.test.ts).
 */
export function keepingPlans(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set('plan_cache_mode', 'force_generic_plan');
  return parsed.href;
}

/** Where a fresh clone of the migrated template is, for a daemon that a test starts: making all tables is most of a first start. */
export async function migratedDatabase(): Promise<string> {
  return await clone(inject('postgres').template);
}

/** A database with nothing in it, dropped after the test file: for what migrates. */
export async function emptyDatabase(): Promise<string> {
  return await clone('template0');
}

async function clone(template: string): Promise<string> {
  const { adminUrl } = inject('postgres');
  made += 1;
  const name = `test_${process.pid}_${made}_${Math.trunc(performance.timeOrigin + performance.now())}`;
  const admin = connection(adminUrl, { max: 1 });
  await admin`create database ${admin(name)} template ${admin(template)}`;
  afterAll(async () => {
    await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 5 });
  });
  return withDatabase(adminUrl, name);
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { readonly adminUrl: string; readonly template: string };
  }
}
