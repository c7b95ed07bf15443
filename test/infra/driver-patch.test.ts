import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { connection } from '../../src/infra/database/connection.ts';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { emptyDatabase } from '../support/database.ts';
import { farEnd, lineTo, named } from '../support/frozen-line.ts';

/* What postgres.js does wrong as it comes, and our patch of it mends: patches/README.md says which part each of these holds. */

const url = await emptyDatabase();
const one = (db: Database) => db.run(sql`select 1 as one`);

function opened(options: Parameters<typeof openDatabase>[0]): Database {
  const db = openDatabase(options);
  onTestFinished(() => db.close());
  return db;
}

/** Lets everybody in and shows them out at once. */
async function revolvingDoor(): Promise<{ readonly url: string; readonly visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.on('error', () => socket.destroy()).end();
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port));
  });
  onTestFinished(() => void server.close());
  return { url: `postgres://x@127.0.0.1:${port}/x`, visits: () => visits };
}

/** A line to the database on which connections are not ended but reset, so that the driver hears of an error first. */
async function rudeLine(): Promise<{ readonly url: string; readonly reset: () => void }> {
  const near = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(farEnd(url));
    near.add(here);
    for (const socket of [here, there]) socket.on('error', () => socket.destroy());
    here.pipe(there).pipe(here);
    here.once('close', () => there.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port));
  });
  onTestFinished(() => {
    for (const socket of near) socket.destroy();
    server.close();
  });
  const { user, database } = named(url);
  return {
    url: `postgres://${user}@127.0.0.1:${port}/${database}`,
    reset: () => {
      for (const socket of near) socket.resetAndDestroy();
    },
  };
}

test('a server that shows everybody out is not run at', async () => {
  const door = await revolvingDoor();
  const db = opened({ url: door.url, poolSize: 1, deadlineMs: 500 });
  await expect(one(db)).rejects.toThrow();
  // With the driver as it comes: hundreds.
  expect(door.visits()).toBeLessThan(15);
});

test('whoever was closed while it waited to come in again stays away', async () => {
  const door = await revolvingDoor();
  const client = connection(door.url, { max: 1, backoff: () => 0.1 });
  const asked = client`select 1`.catch(() => 'refused');
  await expect.poll(door.visits, { interval: 5 }).toBe(1);
  await client.end({ timeout: 0 });
  expect(await asked).toBe('refused');
  // Its next visit was planned a tenth of a second after the first.
  await pause(300);
  expect(door.visits()).toBe(1);
});

test('a backend that was killed says so to its own statement, and not to the next one', async () => {
  const db = opened({ url, poolSize: 1, applicationName: 'to be killed' });
  const killer = opened({ url, poolSize: 1 });
  const running = db.run(sql`select pg_sleep(10)`).catch(() => 'killed');
  const its = sql`from pg_stat_activity where application_name = 'to be killed' and state = 'active'`;
  await expect.poll(() => killer.run(sql`select 1 as one ${its}`)).toHaveLength(1);
  await killer.run(sql`select pg_terminate_backend(pid) ${its}`);
  expect(await running).toBe('killed');
  expect(await one(db)).toEqual([{ one: 1 }]);
});

test('what is asked between the error of a connection and its end is refused at once', async () => {
  const line = await rudeLine();
  const db = opened({ url: line.url, poolSize: 1, deadlineMs: 5_000 });
  await one(db);
  const first = db.run(sql`select pg_sleep(10)`).catch((error: unknown) => error);
  // Its answer is the first that anybody hears of the error: the connection has not ended yet.
  const second = first.then(() => db.run(sql`select 2 as two`).catch((error: unknown) => error));
  setImmediate(line.reset);
  expect(await first).toMatchObject({ code: 'ECONNRESET' });
  expect(await second).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect(await one(db)).toEqual([{ one: 1 }]);
});

test('what was about to be written when its connection was cut silences no later one', async () => {
  const line = await lineTo(url);
  const db = opened({ url: line.url, poolSize: 3, deadlineMs: 1_500 });
  // One cut in three meets it, with the driver as it comes.
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([1, 2, 3].map(() => db.run(sql`select pg_sleep(0.01)`)));
    const cut = db.run(sql`select pg_sleep(10)`).catch(async () => await one(db).catch(() => 'cut too'));
    await one(db);
    line.cutAfter(1);
    void one(db).catch(() => undefined);
    await cut;
    await Promise.all([1, 2, 3].map(() => one(db)));
  }
});

test('a statement of a transaction whose connection died is not committed outside of it', async () => {
  const client = connection(url, { max: 1, backoff: () => 0 });
  onTestFinished(() => client.end({ timeout: 1 }));
  await client`create table leaked (id int)`;
  const transaction = client.begin(async (its) => {
    await its`select pg_terminate_backend(pg_backend_pid())`.catch(() => undefined);
    // Somebody else's statement brings the connection back, and the transaction knows it by the same name.
    await client`select 1`;
    await its`insert into leaked values (1)`;
  });
  await expect(transaction).rejects.toThrow();
  await pause(100);
  expect(await client`select id from leaked`).toEqual([]);
});
