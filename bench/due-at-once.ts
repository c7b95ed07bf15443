import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { onDueDate } from '../src/flows/billing/on-due-date.ts';
import { readEnv } from '../src/infra/config/env.ts';
import { readPidFile } from '../src/infra/postgres/embedded-pid-file.ts';
import { openContext } from '../src/wire-command.ts';

/*
 * How many charges that fall due at one instant are collected a second, against a gateway on this machine that answers at
 * once and without a pace. `npm run bench -- 20000`.
 */

const CATALOG = `defaults: { country: ID, time_zone: Asia/Jakarta, charge_at: "09:00", return_urls: { success: https://example.com/a, cancel: https://example.com/b } }
plans: { m: { name: M, price: { amount: 150000, currency: IDR }, interval: 1 month } }
`;

/** A gateway that pays everything: what is measured is us. */
async function payingGateway(): Promise<{ readonly url: string; readonly seen: Set<string>; close(): void }> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const body = JSON.parse(text) as { readonly reference_id: string };
      if (seen.has(body.reference_id)) throw new Error(`charged twice: ${body.reference_id}`);
      seen.add(body.reference_id);
      const id = seen.size.toString(16).padStart(12, '0');
      const ids = {
        payment_request_id: `pr-00000000-0000-4000-8000-${id}`,
        latest_payment_id: `py-00000000-0000-4000-8000-${id}`,
      };
      response
        .writeHead(201, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...body, ...ids, status: 'SUCCEEDED', actions: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close: () => server.close() };
}

async function main(count: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'dueday-bench-'));
  writeFileSync(join(dir, 'catalog.yaml'), CATALOG);
  const gateway = await payingGateway();
  const { ctx, close } = await openContext(
    readEnv({
      DUEDAY_DATA_DIR: dir,
      CATALOG_FILE: join(dir, 'catalog.yaml'),
      XENDIT_SECRET_KEY: 'xnd_development_bench',
      XENDIT_WEBHOOK_TOKEN: 'bench',
      XENDIT_API_URL: gateway.url,
      XENDIT_REQUESTS_PER_MINUTE: '9999999',
      ...(process.env.DATABASE_URL === undefined ? {} : { DATABASE_URL: process.env.DATABASE_URL }),
    }),
  );
  const unpaced = { ...ctx, requestsPerMinute: null };
  await seed(unpaced, count);
  const before = process.cpuUsage();
  const serverBefore = serverCpu(dir);
  const started = performance.now();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  await onDueDate(unpaced);
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(before);
  const server = serverCpu(dir) - serverBefore;
  const [paid] = await ctx.db.run<{ count: number }>(
    sql`select count(*)::int as count from charges where status = 'paid'`,
  );
  const perThousand = ((cpu.user + cpu.system) / 1_000 / count) * 1_000;
  process.stdout.write(
    `${count} due, ${paid?.count} paid, ${gateway.seen.size} asked in ${seconds.toFixed(2)} s: ${Math.round(count / seconds)} charges/s, ` +
      `${perThousand.toFixed(0)} ms CPU per 1000 (gateway included), Postgres ${((server / count) * 1_000).toFixed(0)}, peak RSS ${Math.round(peak / 1e6)} MB\n`,
  );
  await close();
  gateway.close();
  rmSync(dir, { recursive: true, force: true });
}

/** Milliseconds of CPU that the embedded server's processes have used; 0 where that cannot be read. */
function serverCpu(dir: string): number {
  try {
    const main = String(readPidFile(join(dir, 'pg18'))?.pid);
    return readdirSync('/proc').reduce((sum, pid) => sum + (/^\d+$/.test(pid) ? cpuOf(pid, main) : 0), 0);
  } catch {
    return 0;
  }
}

/** In clock ticks of ten milliseconds: user and system time of a process that belongs to `main`. */
function cpuOf(pid: string, main: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return pid === main || fields[1] === main ? (Number(fields[11]) + Number(fields[12])) * 10 : 0;
  } catch {
    return 0;
  }
}

/** Active subscriptions whose first cycle falls due now. */
async function seed(ctx: Awaited<ReturnType<typeof openContext>>['ctx'], count: number): Promise<void> {
  const now = (await ctx.clock.now()).toString();
  const ids = Array.from({ length: count }, (_, index) => {
    const bucket = index % 256;
    return { bucket, customer: ctx.newId(bucket), token: ctx.newId(bucket), id: ctx.newId(bucket), n: index };
  });
  for (let from = 0; from < count; from += 5_000) {
    await ctx.db.run(sql`with i as (select * from jsonb_to_recordset(${JSON.stringify(ids.slice(from, from + 5_000))}::jsonb)
        as i(bucket smallint, customer uuid, token uuid, id uuid, n int)),
      c as (insert into customers (bucket, id, reference_id, xendit_id, created_at)
        select bucket, customer, 'c' || n, 'cust-' || n, ${now}::timestamptz from i),
      t as (insert into tokens (bucket, id, customer_id, token_id, channel_code, country, currency, status, recurring_frequency, recurring_expiry, saved_at)
        select bucket, token, customer, 'pt-' || token, 'CARDS', 'ID', 'IDR', 'active', 1, '2040-01-01', ${now}::timestamptz from i)
      insert into subscriptions (bucket, id, customer_id, reference_id, status, plan, catalog_version, amount, currency, country, interval_count,
        interval_unit, time_zone, charge_at, anchor, next_cycle_at, token_id, success_return_url, cancel_return_url, created_at, ledger_seq, ledger_head)
      select bucket, id, customer, 's' || n, 'active', 'm', 1, 150000, 'IDR', 'ID', 1, 'month', 'Asia/Jakarta', '09:00',
        (${now}::timestamptz at time zone 'Asia/Jakarta')::date, ${now}::timestamptz, token, 'https://example.com/a', 'https://example.com/b',
        ${now}::timestamptz, 0, repeat('0', 64) from i`);
  }
}

await main(Number(process.argv[2] ?? 20_000));
