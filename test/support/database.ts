import { afterAll, inject } from 'vitest';
import { connection, withDatabase } from '../../src/infra/postgres/connection.ts';
import { type Database, openDatabase } from '../../src/infra/postgres/db.ts';

export type TestDatabase = { readonly db: Database; readonly url: string };

let made = 0;

/** A fresh clone of the migrated template, for one test file; it is dropped after it. Call it at the top of the file. */
export async function testDatabase(options: { readonly poolSize?: number } = {}): Promise<TestDatabase> {
  const { template } = inject('postgres');
  const url = await clone(template);
  const db = openDatabase({ url, poolSize: options.poolSize ?? 8, applicationName: 'dueday test' });
  afterAll(() => db.close());
  return { db, url };
}

/** A database with nothing in it, dropped after the test file. */
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
