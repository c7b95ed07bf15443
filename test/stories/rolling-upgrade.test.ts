import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { createLogger } from '../../src/infra/logger.ts';
import { readySchema } from '../../src/wire/schema.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import {
  childDaemon,
  client,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  sandboxFor,
  xenditVariables,
} from '../support/daemon.ts';
import { emptyDatabase } from '../support/database.ts';
import { addMigration, migrationsLike } from '../support/migrations.ts';
import { startReplica } from '../support/replica.ts';

const released = fileURLToPath(new URL('../../drizzle', import.meta.url));

const EXPANDING = `-- expands: what older versions write and read stays as it is
ALTER TABLE "charges" ADD COLUMN "campaign" text;
ALTER TABLE "attempts" ADD COLUMN "route" text DEFAULT 'direct' NOT NULL;
ALTER TABLE "ledger" ADD COLUMN "region" text;
ALTER TABLE "subscriptions" ADD COLUMN "seats" integer DEFAULT 1 NOT NULL;
CREATE INDEX "charges_by_campaign" ON "charges" ("campaign");
CREATE TABLE "campaigns" ("bucket" smallint, "id" uuid, PRIMARY KEY ("bucket", "id"));`;

test('while the next version moves in, this one goes on charging, and may even be restarted', async () => {
  const [port, database] = [await freePort(), await emptyDatabase()];
  const xendit = await sandboxFor(port);
  const told = (on: number) => daemonVariables(database, { ...xenditVariables(xendit, on), DUEDAY_CLOCK: 'virtual' });
  const old = await childDaemon(told(port));
  const [api, sandbox] = [client(`http://127.0.0.1:${port}`, adminKey), client(xendit.url)];
  const { clockTo, subscribe, charges } = street(api, sandbox);
  await clockTo('2040-01-31T02:00:00Z');
  const id = await subscribe('before-the-upgrade');
  const isPaid = (count: number) =>
    eventually(async () =>
      expect((await charges(id)).map((charge: Json) => charge.status)).toEqual(Array(count).fill('paid')),
    );
  await isPaid(1);
  const next = migrationsLike(released);
  addMigration(next, '9000_expanding', EXPANDING);
  expect(await migrate(database, next)).toEqual(['9000_expanding']);

  await clockTo('2040-02-29T02:00:00Z');
  await isPaid(2);
  await subscribe('during-the-upgrade');
  const again = startReplica(told(await freePort()));
  onTestFinished(async () => void (await again.end('SIGKILL')));
  await again.ready();
  old.process.kill('SIGTERM');
  expect((await old.exit).code).toBe(0);
  expect(old.said()).not.toContain('"level":"error"');
  await client(again.url, adminKey).post('/v1/test-clock', { now: '2040-03-31T02:00:00Z' });
  const there = street(client(again.url, adminKey), sandbox);
  await eventually(async () =>
    expect((await there.charges(id)).map((charge: Json) => charge.status)).toEqual(['paid', 'paid', 'paid']),
  );

  addMigration(next, '9001_contracting', 'ALTER TABLE "charges" RENAME COLUMN "campaign" TO "promotion";');
  await migrate(database, next);
  const db = openDatabase({ url: database, poolSize: 1, applicationName: 'upgrade test' });
  onTestFinished(() => db.close());
  await expect(readySchema(database, db, createLogger('error'))).rejects.toThrow('migrated by a newer dueday');
});
