import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { connection } from '../../src/infra/database/connection.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { migrationsFolder } from '../../src/wire/schema.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { asRole } from '../support/role.ts';
import { testWorld } from '../support/world.ts';

/* Files that were put back in their place have the same system, database, tables and timeline as before. */

const start = '2026-01-31T02:00:00Z';
const wallet = { channelCode: 'OVO', network: null };

test('a cold backup that was put back in its place: a wallet is not charged again, a card is settled as it was', async () => {
  const home = passingDirectory();
  const [cluster, backup] = [join(home, 'pg18'), join(home, 'backup')];
  const first = await startEmbedded({ dataDir: home, durable: false });
  const admin = connection(first.url, { max: 1 });
  await admin.unsafe(readFileSync(join(migrationsFolder, 'roles.sql'), 'utf8'));
  await admin.end({ timeout: 5 });
  await migrate(asRole(first.url, 'dueday_owner'), migrationsFolder);
  const db = openDatabase({ url: asRole(first.url, 'dueday_app'), poolSize: 4, applicationName: 'dueday rollback' });
  onTestFinished(() => db.close());
  const world = await testWorld({ at: start, db });
  const ids = [await world.onboard('order-1', 'monthly', {}, wallet), await world.onboard('order-2', 'monthly')];
  await openCharges(world.ctx, world.now());
  expect(await mayCharge(world.ctx)).toMatchObject({ kind: 'yes' });
  await first.stop();
  execFileSync('cp', ['-a', cluster, backup]);
  const second = await startEmbedded({ dataDir: home, durable: false });
  await world.liveUntil('2026-01-31T02:10:00Z');
  for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  await second.stop();
  rmSync(cluster, { recursive: true, force: true });
  execFileSync('cp', ['-a', backup, cluster]);
  const third = await startEmbedded({ dataDir: home, durable: false });
  onTestFinished(third.stop);
  await world.liveUntil('2026-01-31T04:00:00Z');
  expect(world.gateway.payments.map(({ referenceId }) => referenceId).toSorted()).toEqual(
    ids.map((id) => `due_${id}_0_1`).toSorted(),
  );
  for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
});

test('a server whose own synchronous_commit is off crashes during the call: the attempt is still there', async () => {
  const home = passingDirectory();
  const settings = { synchronous_commit: 'off' };
  const first = await startEmbedded({ dataDir: home, settings });
  await migrate(first.url, migrationsFolder);
  const db = openDatabase({ url: first.url, poolSize: 4, applicationName: 'dueday rollback', deadlineMs: 4_000 });
  onTestFinished(() => db.close());
  const world = await testWorld({ at: start, db });
  const id = await world.onboard('order-1', 'monthly', {}, wallet);
  await openCharges(world.ctx, world.now());
  await mayCharge(world.ctx);
  world.gateway.script(() => {
    kill(join(home, 'pg18'));
    return { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' };
  });
  await world.work().catch(() => undefined);
  await first.stop().catch(() => undefined);
  const again = await startEmbedded({ dataDir: home, settings });
  onTestFinished(again.stop);
  expect(await world.db.run(sql`select reference_id from attempts`)).toEqual([{ reference_id: `due_${id}_0_1` }]);
  await world.work();
  expect(world.gateway.payments).toHaveLength(1);
});

/** The server and all its children, at once: nothing is flushed any more. */
function kill(cluster: string): void {
  const [pid = ''] = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  const children = execFileSync('pgrep', ['-P', pid], { encoding: 'utf8' }).trim().split('\n');
  for (const one of [pid, ...children]) process.kill(Number(one), 'SIGKILL');
}
