import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { Context } from '../src/context.ts';
import { verifyLedger } from '../src/flows/books/verify-ledger.ts';
import { connection } from '../src/infra/database/connection.ts';
import { openDatabase } from '../src/infra/database/db.ts';
import { migrate } from '../src/infra/database/migrate.ts';
import { startEmbedded } from '../src/infra/embedded-postgres/embedded.ts';
import { migrationsFolder } from '../src/wire/schema.ts';
import { fillBefore, migrateBefore } from '../test/support/books-before.ts';

/*
 * How long others wait while books of the version before are migrated, and whether every entry is whole afterwards. An embedded
 * Postgres is filled with so many charges and five entries for each; then, while it is migrated, the locks of the migration are
 * looked at all the time, and a statement writes to each of the tables. `npm run bench:migration -- 1000000`.
 */

const CYCLES = 10;
/** Docs promise it: nobody waits behind a migration for longer. */
const LONGEST_LOCK_MS = 2_000;

/** Locks that keep somebody from reading or writing rows. */
const STOPS = `'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'`;

const HELD = `select l.mode || ' on ' || c.relname as lock from pg_locks l join pg_class c on c.oid = l.relation
  join pg_stat_activity a on a.pid = l.pid
  where a.application_name = 'dueday migrate' and l.granted and c.relkind in ('r', 'i') and l.mode in (${STOPS})`;

/** What a daemon does all the time: each writes one row, or reads as many as a page. */
const WORK = {
  'a charge is settled': `update charges set note = 'seen' where (bucket, id) = (select bucket, id from charges limit 1)`,
  'an attempt is taken': `update attempts set lease_until = now() where (bucket, id) = (select bucket, id from attempts limit 1)`,
  'a subscription moves': `update subscriptions set reason = 'seen' where (bucket, id) = (select bucket, id from subscriptions limit 1)`,
  'an entry is written': `insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan, money, actor, prev_hash, hash)
    values (0, gen_random_uuid(), 1, gen_random_uuid(), now(), 'bench', 'bench', 'bench', 0, 'bench', '', '')`,
  'the pace is kept': `update pace set pauses = pauses where endpoint = 'payment_requests'`,
};

type Watch = { readonly longest: Map<string, number>; stop(): Promise<void> };

/** How long each lock was seen held in one go, in milliseconds, as far as looks every few milliseconds can tell. */
function watchLocks(client: Sql): Watch {
  const longest = new Map<string, number>();
  const since = new Map<string, number>();
  let on = true;
  const looks = (async () => {
    while (on) {
      const now = performance.now();
      const held = new Set((await client.unsafe<{ lock: string }[]>(HELD)).map(({ lock }) => lock));
      for (const lock of held) {
        if (!since.has(lock)) since.set(lock, now);
        longest.set(lock, Math.max(longest.get(lock) ?? 0, performance.now() - (since.get(lock) ?? now)));
      }
      for (const lock of since.keys()) if (!held.has(lock)) since.delete(lock);
      await pause(2);
    }
  })();
  return {
    longest,
    stop: async () => {
      on = false;
      await looks;
    },
  };
}

/** The longest that each of these statements took. */
function work(client: Sql): Watch {
  const longest = new Map<string, number>();
  let on = true;
  const rounds = (async () => {
    while (on) {
      for (const [name, statement] of Object.entries(WORK)) {
        const began = performance.now();
        await client.unsafe(statement);
        longest.set(name, Math.max(longest.get(name) ?? 0, performance.now() - began));
      }
      await pause(2);
    }
  })();
  return {
    longest,
    stop: async () => {
      on = false;
      await rounds;
    },
  };
}

async function main(charges: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'dueday-migration-'));
  const server = await startEmbedded({ dataDir: join(dir, 'data') });
  const [client, watcher, worker] = [1, 2, 3].map(() => connection(server.url, { max: 1 })) as [Sql, Sql, Sql];
  try {
    const folder = join(dir, 'drizzle');
    cpSync(migrationsFolder, folder, { recursive: true });
    await migrateBefore(server.url, folder);
    await fillBefore(client, charges / CYCLES, CYCLES);
    await client.unsafe('vacuum analyze');
    say(`${charges} charges and ${charges * 5} entries are there.`);
    const [locks, others] = [watchLocks(watcher), work(worker)];
    const began = performance.now();
    const applied = await migrate(server.url, migrationsFolder);
    say(`${applied.join(', ')} applied in ${seconds(performance.now() - began)}.`);
    await Promise.all([locks.stop(), others.stop()]);
    for (const [lock, ms] of locks.longest) say(`held: ${lock}, ${seconds(ms)}`);
    for (const [name, ms] of others.longest) say(`longest while it ran: ${name}, ${seconds(ms)}`);
    const most = Math.max(...locks.longest.values(), ...others.longest.values());
    if (most > LONGEST_LOCK_MS) throw new Error(`Somebody waited for ${seconds(most)}.`);
    await tellProof(server.url);
  } finally {
    await Promise.all([client.end(), watcher.end(), worker.end()]);
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Every entry of the version before has to be whole; those that were written meanwhile belong to nobody, and are not asked about. */
async function tellProof(url: string): Promise<void> {
  const client = connection(url, { max: 1 });
  await client.unsafe(`alter table ledger disable trigger user; delete from ledger where kind = 'bench'`);
  await client.end();
  const db = openDatabase({ url, poolSize: 2, deadlineMs: 600_000 });
  const proof = await verifyLedger({ db, stopping: new AbortController().signal } as Context);
  await db.close();
  say(
    `${proof.entries} entries of ${proof.subscriptions} subscriptions are verified, ${proof.broken} chains are broken.`,
  );
  if (proof.broken > 0) throw new Error('A chain is broken.');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const charges = Number(process.argv[2] ?? 1_000_000);
if (Number.isSafeInteger(charges) && charges >= CYCLES && charges % CYCLES === 0) {
  await main(charges);
} else {
  process.stderr.write('How many charges? A multiple of ten: npm run bench:migration -- 1000000\n');
  process.exitCode = 2;
}
