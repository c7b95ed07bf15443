import { sql } from 'drizzle-orm';
import { afterAll, vi } from 'vitest';
import type { Database } from '../../src/infra/database/db.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { adminKey } from './api.ts';
import {
  type Client,
  callbackToken,
  client,
  daemonVariables,
  freePort,
  type Json,
  secretKey,
  xenditVariables,
} from './daemon.ts';
import { testDatabase } from './database.ts';
import type { Taken } from './oracle.ts';
import { type PostOffice, postOffice } from './post-office.ts';
import { type Replica, startReplica } from './replica.ts';

/** Long enough for a busy machine, short enough to be waited for: the gateway has a second and a half of it. */
const LEASE_SECONDS = 6;

/** What survives every crash: the database, Xendit, the way of its webhooks, and one replica that inherits. */
export type CrashHouse = {
  readonly url: string;
  readonly db: Database;
  readonly office: PostOffice;
  readonly sandbox: Client;
  readonly heir: Replica;
  readonly api: Client;
  /** What a replica is told that listens on this port, and reaches the database by this URL. */
  variables(databaseUrl: string, port: number): Record<string, string>;
  /** Forgets all that was scripted and not met. */
  clearScripts(): Promise<void>;
  /** The heir takes the test clock on by this much, and does all that falls due on the way. */
  pass(duration: Temporal.DurationLike): Promise<void>;
  /** Waits until this holds, keeping the heir at work and bringing it the webhooks that found nobody. */
  until(holds: () => Promise<boolean>): Promise<void>;
  taken(): Promise<readonly Taken[]>;
};

export async function crashHouse(): Promise<CrashHouse> {
  const { db, url } = await testDatabase({ poolSize: 2 });
  const office = await postOffice();
  const xendit = await startSandbox({ secretKey, callbackToken, webhookUrl: office.url, clock: 'system' });
  const variables: CrashHouse['variables'] = (database, port) =>
    daemonVariables(database, {
      ...xenditVariables(xendit, port),
      DUEDAY_CLOCK: 'virtual',
      DUEDAY_LEASE_SECONDS: String(LEASE_SECONDS),
    });
  const heir = startReplica(variables(url, await freePort()));
  afterAll(async () => {
    await heir.end('SIGKILL');
    await office.close();
    await xendit.close();
  });
  await heir.ready();
  const api = client(heir.url, adminKey);
  const sandbox = client(xendit.url);
  let now = Temporal.Instant.from('2040-01-31T02:00:00Z');
  const arrived = async () => (await api.get('/v1/test-clock')).status === 'ready';
  const until: CrashHouse['until'] = async (holds) =>
    await vi.waitFor(
      async () => {
        await nudge(heir.url);
        await office.tryAgain(heir.url);
        if (!(await holds())) throw new Error(`It does not come about. ${await unfinished(db)}\n${heir.said()}`);
      },
      { timeout: 60_000, interval: 150 },
    );
  await api.post('/v1/test-clock', { now: now.toString(), jump: true });
  await until(arrived);
  return {
    url,
    db,
    office,
    sandbox,
    heir,
    api,
    variables,
    until,
    clearScripts: async () => void (await fetch(`${xendit.url}/_sandbox/scenarios`, { method: 'DELETE' })),
    async pass(duration) {
      await until(arrived);
      now = Temporal.Instant.from((await api.get('/v1/test-clock')).now).add(duration);
      await api.post('/v1/test-clock', { now: now.toString() });
      await until(arrived);
    },
    taken: () => takenBy(sandbox),
  };
}

/** A webhook that means nothing, and makes whoever gets it look for work. */
export async function nudge(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-callback-token': callbackToken };
  nudges += 1;
  const body = JSON.stringify({ event: 'nudge', data: { number: nudges, by: process.pid } });
  await fetch(`${url}/webhooks/xendit`, { method: 'POST', headers, body });
}
let nudges = 0;

/** The gateway's own list of what it took. */
export async function takenBy(sandbox: Client): Promise<readonly Taken[]> {
  const { data } = await sandbox.get('/_sandbox/payments');
  return data
    .filter((payment: Json) => payment.status === 'SUCCEEDED')
    .map((payment: Json) => ({
      referenceId: payment.reference_id,
      currency: payment.currency,
      amount: BigInt(payment.amount),
    }));
}

async function unfinished(db: Database): Promise<string> {
  const rows =
    await db.run(sql`select c.status, a.reference_id, a.outcome, a.lease_until, a.next_check_at from charges c
    left join attempts a on a.bucket = c.bucket and a.charge_id = c.id where c.status in ('due', 'attempting')`);
  return JSON.stringify(rows);
}
