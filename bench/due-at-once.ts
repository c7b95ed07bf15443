import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { onDueDate } from '../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../src/flows/due-date/open-charges.ts';
import { POOL_SIZE } from '../src/infra/database/pool.ts';
import { readPidFile } from '../src/infra/embedded-postgres/pid-file.ts';
import { readEnv } from '../src/infra/environment/env.ts';
import { migrateDatabase, openContext } from '../src/wire/command.ts';
import { subscribeMany } from '../test/support/many.ts';

/*
 * How many charges that fall due at one instant are collected a second, against a gateway on this machine that answers at
 * once and without a pace. `npm run bench -- 20000`.
 */

const CATALOG = `defaults: { country: ID, time_zone: Asia/Jakarta, charge_at: "09:00", return_urls: { success: https://example.com/a, cancel: https://example.com/b } }
plans: { m: { name: M, price: { amount: 150000, currency: IDR }, interval: 1 month } }
`;

type Gateway = { readonly url: string; counted(): Promise<number>; close(): void };

async function payingGateway(): Promise<Gateway> {
  const child = fork(join(import.meta.dirname, 'paying-gateway.ts'));
  const said = async () => (await once(child, 'message'))[0] as { readonly url: string; readonly count: number };
  const { url } = await said();
  const counted = async () => {
    child.send('count');
    return (await said()).count;
  };
  return { url, counted, close: () => child.disconnect() };
}

async function main(count: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'dueday-bench-'));
  writeFileSync(join(dir, 'catalog.yaml'), CATALOG);
  const gateway = await payingGateway();
  const env = readEnv({
    DUEDAY_DATA_DIR: dir,
    CATALOG_FILE: join(dir, 'catalog.yaml'),
    XENDIT_SECRET_KEY: 'xnd_development_bench',
    XENDIT_WEBHOOK_TOKEN: 'bench',
    XENDIT_API_URL: gateway.url,
    XENDIT_REQUESTS_PER_MINUTE: '9999999',
    ...(process.env.DATABASE_URL === undefined ? {} : { DATABASE_URL: process.env.DATABASE_URL }),
  });
  await migrateDatabase(env);
  const { ctx, close } = await openContext(env, POOL_SIZE);
  await subscribeMany(ctx, count);
  const before = process.cpuUsage();
  const serverBefore = serverCpu(dir);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  const opening = await secondsOf(async () => await openCharges(ctx, await ctx.clock.now()));
  const collecting = await secondsOf(() => onDueDate(ctx));
  clearInterval(watch);
  const cpu = process.cpuUsage(before);
  const server = serverCpu(dir) - serverBefore;
  const [paid] = await ctx.db.run<{ count: number }>(
    sql`select count(*)::int as count from charges where status = 'paid'`,
  );
  const each = (ms: number) => `${(ms / count).toFixed(2)} ms`;
  process.stdout.write(
    `${count} due, ${paid?.count} paid, ${await gateway.counted()} asked.\n` +
      `Opened in ${opening.toFixed(2)} s, collected in ${collecting.toFixed(2)} s: ${Math.round(count / collecting)} charges/s, ` +
      `opening included ${Math.round(count / (opening + collecting))}.\n` +
      `CPU a charge: daemon ${each((cpu.user + cpu.system) / 1_000)}, Postgres ${each(server)}; peak RSS ${Math.round(peak / 1e6)} MB.\n`,
  );
  await close();
  gateway.close();
  rmSync(dir, { recursive: true, force: true });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
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

const count = Number(process.argv[2] ?? 20_000);
if (Number.isSafeInteger(count) && count > 0) {
  await main(count);
} else {
  process.stderr.write('How many charges? A whole number from 1 on: npm run bench -- 20000\n');
  process.exitCode = 2;
}
