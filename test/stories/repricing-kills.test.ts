import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { applied } from '../support/applied-catalog.ts';
import { daemonVariables, freePort } from '../support/daemon.ts';
import { testDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { patiently, startReplica } from '../support/replica.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const START = '2026-01-31T02:00:00Z';
const made = await testDatabase();
const world = await testWorld({ at: START, ...made });
const names = ['order-1', 'order-2', 'order-3'];

/** Three who have the plan, and one whose price is their own; the version that is dearer. */
async function stage(): Promise<number> {
  await world.startOver(START);
  await applied(world, plainCatalog);
  for (const name of [...names, 'own']) await world.onboard(name);
  await world.work();
  await world.above(`update subscriptions set amount = 99000 where reference_id = 'own'`);
  await world.ask(sql`insert into test_clock (id, now) values (1, ${world.now().toString()}::timestamptz)`);
  return await applied(world, plainCatalog.replace('amount: 150000', 'amount: 175000'));
}

/** Each with its item, its mark, and how often it was told of. */
async function standing() {
  return await world.ask<{ reference: string; state: string; marked: boolean; told: number }>(sql`
    select s.reference_id as reference, i.state, s.repricing is not null as marked,
      (select count(*)::int from ledger l where l.subscription_id = s.id and l.kind = 'subscription.change_planned') as told
    from repricing_items i join subscriptions s on s.bucket = i.bucket and s.id = i.subscription_id order by s.reference_id`);
}

async function daemonWith(more: Record<string, string>) {
  const xendit = {
    XENDIT_SECRET_KEY: 'xnd_development_key0of0the0stories',
    XENDIT_API_URL: 'http://127.0.0.1:9',
    XENDIT_WEBHOOK_TOKEN: 'token-of-the-stories',
    // The key of the world's payment tokens.
    DUEDAY_TOKEN_KEYS: `test:${Buffer.alloc(32, 'dueday test').toString('base64')}`,
  };
  const port = String(await freePort());
  return startReplica(
    daemonVariables(made.url, { DUEDAY_CLOCK: 'virtual', HOST: '127.0.0.1', PORT: port, ...xendit, ...more }),
  );
}

test.each(['before-repricing', 'between-repricing', 'after-repricing'])(
  'a daemon that is killed %s leaves each done or not done, and the next one moves each once',
  { timeout: 120_000 },
  async (point) => {
    const toVersion = await stage();
    const input = { plan: 'monthly', toVersion, filter: [], most: null, isDryRun: false, actor: 'siti', reason: null };
    await draftRepricing(world.ctx, input);
    const victim = await daemonWith({ DUEDAY_FAILPOINT: `${point}:1:kill` });
    expect(await victim.exit, victim.said()).toEqual({ code: null, signal: 'SIGKILL' });
    for (const { state, marked, told } of await standing()) {
      expect(marked).toBe(state === 'done');
      expect(told).toBe(state === 'done' ? 1 : 0);
    }
    const heir = await daemonWith({});
    try {
      await patiently(async () =>
        expect(await world.ask(sql`select state from repricings`)).toEqual([{ state: 'done' }]),
      );
    } finally {
      await heir.end('SIGKILL');
    }
    expect(await standing()).toEqual([
      ...names.map((reference) => ({ reference, state: 'done', marked: true, told: 1 })),
      { reference: 'own', state: 'skipped', marked: false, told: 0 },
    ]);
  },
);

test.each([
  { failpoint: 'before-drafting', items: 0 },
  { failpoint: 'after-drafting', items: 4 },
])(
  'a command that is killed $failpoint has written all of it or nothing',
  { timeout: 120_000 },
  async ({ failpoint, items }) => {
    const words = ['catalog', 'reprice', '--plan', 'monthly', '--to', String(await stage())];
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: made.url,
      CATALOG_FILE: join(passingDirectory(), 'is-not-read.yaml'),
      DUEDAY_CLOCK: 'virtual',
      LOG_LEVEL: 'error',
    };
    const killed = spawnSync(process.execPath, [main, ...words], {
      env: { ...env, DUEDAY_FAILPOINT: `${failpoint}:1:kill` },
      encoding: 'utf8',
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(await world.ask(sql`select from repricing_items`)).toHaveLength(items);
    expect(await world.ask(sql`select from repricings`)).toHaveLength(Math.min(items, 1));
    const again = spawnSync(process.execPath, [main, ...words], { env, encoding: 'utf8' });
    expect(again.status).toBe(items === 0 ? 0 : 1);
    expect(await world.ask(sql`select from repricing_items`)).toHaveLength(4);
  },
);
