import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../src/context.ts';
import { POOL_SIZE } from '../src/infra/database/pool.ts';
import { readEnv } from '../src/infra/environment/env.ts';
import { migrateDatabase, openContext } from '../src/wire/command.ts';

/** What a bench plays on: a daemon's context, and a gateway on this machine that pays at once and without a pace. */
export type Stage = {
  readonly ctx: Context;
  /** Where the embedded Postgres has its data, if DATABASE_URL names no other. */
  readonly directory: string;
  readonly gateway: PayingGateway;
  close(): Promise<void>;
};

export type PayingGateway = {
  readonly url: string;
  /** How many requests it was asked for. */
  counted(): Promise<number>;
  close(): void;
};

const CATALOG = `defaults: { country: ID, time_zone: Asia/Jakarta, charge_at: "09:00", return_urls: { success: https://example.com/a, cancel: https://example.com/b } }
taxes: { ppn: { name: PPN, included: true, rates: [ { from: 2025-01-01, rate: 12%, of: 11/12 } ] } }
plans:
  m: { name: M, price: { amount: 150000, currency: IDR }, interval: 1 month }
  lined: { name: Lined, price: { amount: 150000, currency: IDR }, interval: 1 month, taxes: [ ppn ] }
`;

/** `databaseUrl`: the Postgres to work on; unless given an embedded one, which is as durable as a daemon's. */
export async function openStage(databaseUrl: string | undefined): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'dueday-bench-'));
  writeFileSync(join(directory, 'catalog.yaml'), CATALOG);
  const gateway = await payingGateway();
  const env = readEnv({
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: join(directory, 'catalog.yaml'),
    XENDIT_SECRET_KEY: 'xnd_development_bench',
    XENDIT_WEBHOOK_TOKEN: 'bench',
    XENDIT_API_URL: gateway.url,
    XENDIT_REQUESTS_PER_MINUTE: '9999999',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  await migrateDatabase(env);
  const { ctx, close } = await openContext(env, POOL_SIZE);
  return {
    ctx,
    directory,
    gateway,
    async close() {
      await close();
      gateway.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function payingGateway(): Promise<PayingGateway> {
  const child = fork(join(import.meta.dirname, 'paying-gateway.ts'));
  const said = async () => (await once(child, 'message'))[0] as { readonly url: string; readonly count: number };
  const { url } = await said();
  const counted = async () => {
    child.send('count');
    return (await said()).count;
  };
  return { url, counted, close: () => child.disconnect() };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
