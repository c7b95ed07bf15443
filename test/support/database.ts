import { afterAll, inject } from 'vitest';
import postgres from 'postgres';
import { connectionOf, withDatabase } from '../../src/infra/postgres/connection.ts';
import { type Database, openDatabase } from '../../src/infra/postgres/db.ts';

export type TestDatabase = { readonly db: Database; readonly url: string };

let made = 0;

/** A fresh clone of the migrated template, dropped after the test file. */
export async function testDatabase(): Promise<TestDatabase> {
  const { adminUrl, template } = inject('postgres');
  const name = `test_${process.pid}_${(made += 1)}_${Math.trunc(performance.now())}`;
  const { url: server, ...socket } = connectionOf(adminUrl);
  const admin = postgres(server, { ...socket, max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name} template ${template}`);
  const url = withDatabase(adminUrl, name);
  const db = openDatabase({ url, poolSize: 8 });
  afterAll(async () => {
    await db.close();
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end();
  });
  return { db, url };
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { readonly adminUrl: string; readonly template: string };
  }
}
