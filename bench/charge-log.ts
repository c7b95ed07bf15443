import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { subscribeMany } from '../test/support/many.ts';
import { openStage, secondsOf } from './stage.ts';

/*
 * How long the charge log takes as a file, and how much memory: `npm run bench:log -- 1000000 csv`. A process of its own serves it,
 * this one reads it over HTTP. On a machine that does other things too, look at the CPU.
 */

const lines = Number(process.argv[2] ?? 1_000_000);
const format = process.argv[3] ?? 'csv';
const KEY = 'key-of-the-bench';
/** Each of them has as many lines. */
const SUBSCRIPTIONS = 1_000;

const stage = await openStage(process.env.DATABASE_URL);
try {
  await subscribeMany(stage.ctx, SUBSCRIPTIONS);
  const each = Math.ceil(lines / SUBSCRIPTIONS);
  for (let from = 0; from < each; from += 50) await fill(from, Math.min(from + 50, each));
  await stage.ctx.db.run(sql`analyze ledger`);
  const { url, said, stop } = await server(stage.directory);
  let told = '';
  const seconds = await secondsOf(async () => {
    told = await taken(`${url}/v1/charge-log?format=${format}`);
  });
  const { cpuSeconds, idleMemory, mostMemory } = await said();
  console.log(`${format}: ${told}`);
  console.log(
    `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ${megabytes(mostMemory)} at most, ${megabytes(idleMemory)} before it began`,
  );
  stop();
} finally {
  await stage.close();
}

/** So many lines to each subscription, as a settled charge has them. */
async function fill(from: number, until: number): Promise<void> {
  await stage.ctx.db.run(sql`insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference, plan,
      customer_reference, charge_id, cycle, period_start, period_end, attempt, reference_id, channel, amount, currency, money, outcome,
      why, payment_request_id, payment_id, catalog_version, actor, prev_hash, hash)
    select s.bucket, s.id, 1 + n, gen_random_uuid(),
      '2026-02-03T02:00:00Z'::timestamptz + (n * 1000 + s.bucket) * interval '1 millisecond', 'charge.paid', s.reference_id, s.plan,
      'cust-1001', gen_random_uuid(), n, '2026-02-01', '2026-02-28', 1, 'due_' || s.id || '_' || n || '_1', 'CARDS', 150000, 'IDR', 150000,
      'succeeded', 'Xendit collected the money.', 'pr-' || gen_random_uuid(), 'py-' || gen_random_uuid(), 1, 'dueday', s.ledger_head, s.ledger_head
    from subscriptions s, generate_series(${from}::int, ${until - 1}::int) n`);
}

async function server(directory: string) {
  const env = {
    ...process.env,
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: join(directory, 'catalog.yaml'),
    XENDIT_SECRET_KEY: 'xnd_development_bench',
    XENDIT_WEBHOOK_TOKEN: 'bench',
    DUEDAY_API_KEY: KEY,
  };
  const child = fork(join(import.meta.dirname, 'log-server.ts'), { env });
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  const said = async () => {
    child.send('stop');
    return (
      (await once(child, 'message')) as [
        { readonly cpuSeconds: number; readonly idleMemory: number; readonly mostMemory: number },
      ]
    )[0];
  };
  return { url, said, stop: () => child.disconnect() };
}

/** Takes the file and keeps nothing of it; answers how many line ends and bytes it had. */
async function taken(address: string): Promise<string> {
  const answer = await fetch(address, { headers: { authorization: `Bearer ${KEY}` } });
  let [ends, bytes] = [0, 0];
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) ends += 1;
  }
  return `HTTP ${answer.status}, ${ends} line ends, ${megabytes(bytes)}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
