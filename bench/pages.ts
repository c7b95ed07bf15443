import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Context } from '../src/context.ts';
import { firstEdition } from '../src/entry/cli/seed/editions.ts';
import { live } from '../src/entry/cli/seed/live.ts';
import { beginOf, type Span } from '../src/entry/cli/seed/span.ts';
import { townOf } from '../src/entry/cli/seed/town.ts';
import { calls } from '../src/entry/http/calls.ts';
import { httpServer } from '../src/entry/http/server.ts';
import { connection } from '../src/infra/database/connection.ts';
import { startEmbedded } from '../src/infra/embedded-postgres/embedded.ts';
import { readEnv } from '../src/infra/environment/env.ts';
import { metrics } from '../src/infra/metrics.ts';
import { openContext } from '../src/wire/command.ts';
import { openPages } from '../src/wire/http.ts';
import { openToSeed } from '../src/wire/seed.ts';
import { type Visitor, visitorOf } from '../test/support/browser-like.ts';
import { copyBook } from './large-book.ts';
import { serverCpu } from './server-cpu.ts';
import { median } from './verdict.ts';

/*
 * How long each page takes at the server, warm, and how large it is, on a large book: the middle of seven looks, held against the
 * budget, and what a look works: on a machine that does other things too that is what tells. `npm run bench:pages -- 1000000` makes a book of so many charges first, which takes minutes; a book that DATABASE_URL leads
 * to is looked at as it is.
 */

const KEY = 'key-of-the-bench-of-pages';
const LOOKS = Number(process.env.LOOKS ?? 7);
const MOST_KB = 60;
/** Lists and one thing; whatever is worked out over the whole book may take longer. */
const LIST_MS = 100;
const WHOLE_MS = 300;
const SPAN: Span = { subscriptions: 500, months: 6, until: Temporal.Instant.from('2026-11-30T05:00:00Z') };

type Paged = { readonly path: string; readonly ms: number };
type Held = {
  readonly id: string;
  readonly subscription_id: string;
  readonly customer: string;
  readonly reference: string;
};

/** What each page may take. Pages of one thing are of a charge that was tried more than once. */
async function pagesOf({ db, clock, catalog }: Context): Promise<readonly Paged[]> {
  const [held] =
    await db.run<Held>(sql`select c.id, c.subscription_id, s.reference_id as reference, k.reference_id as customer
    from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    join customers k on k.bucket = s.bucket and k.id = s.customer_id
    where c.attempts > 1 limit 1`);
  const day = (await clock.now()).toZonedDateTimeISO(catalog.current.defaults.timeZone).toPlainDate();
  const { id = '', subscription_id: subscription = '', customer = '', reference = '' } = held ?? {};
  const lists = [
    '/charges',
    '/charges?all_time=yes',
    '/charges?all_time=yes&state=held',
    `/charges?due_from=${day.with({ day: 1 }).toString()}&due_to=${day.toString()}&plan=studio`,
    `/charges?all_time=yes&customer=${customer}`,
    `/charges?all_time=yes&find=${reference}`,
    `/charges/${id}`,
    '/subscriptions',
    '/subscriptions?status=past_due',
    '/subscriptions?plan=studio&live=true',
    `/subscriptions/${subscription}`,
    '/queue',
    '/log',
    '/activity',
    '/account',
  ];
  const whole = ['/', '/dunning', '/reports/forecast', '/plans', '/plans/versions/1', '/plans/diff', '/health'];
  const all = [...lists.map((path) => ({ path, ms: LIST_MS })), ...whole.map((path) => ({ path, ms: WHOLE_MS }))];
  return all.filter(({ path }) => isThere(path));
}

/** Whether this dueday has such a page. */
function isThere(path: string): boolean {
  const [, room = '', rest] = path.split(/[/?]/);
  return Object.keys(calls).some(
    (call) => call === `GET /${room}` || (rest !== undefined && call.startsWith(`GET /${room}/`)),
  );
}

/** Looks again and again; the first ones warm it up. */
async function looked(siti: Visitor, { path, ms }: Paged, postgres: string): Promise<boolean> {
  const times: number[] = [];
  let [bytes, status] = [0, 0];
  const [ours, theirs] = [process.cpuUsage(), serverCpu(postgres)];
  for (let look = 0; look < LOOKS + 2; look += 1) {
    const began = performance.now();
    const answer = await siti.get(path); // oxlint-disable-line no-await-in-loop
    times.push(performance.now() - began);
    [bytes, status] = [Buffer.byteLength(answer.text), answer.status];
  }
  const { user, system } = process.cpuUsage(ours);
  const each = (cpu: number) => (cpu / times.length).toFixed(0).padStart(4);
  const worked = `CPU ${each((user + system) / 1_000)} ms, Postgres ${each(serverCpu(postgres) - theirs)} ms`;
  const warm = times.slice(2);
  const took = median(warm);
  const isGood = status === 200 && took <= ms && bytes <= MOST_KB * 1_000;
  const told = `${took.toFixed(0).padStart(6)} ms of ${ms}, ${Math.min(...warm)
    .toFixed(0)
    .padStart(5)} at least, ${worked}`;
  const figures = `${told}  ${(bytes / 1_000).toFixed(1).padStart(5)} kB`;
  console.log(`${figures}  ${status}  ${isGood ? '' : 'BEYOND '}${path}`);
  return isGood;
}

async function bench(url: string, dataDir: string): Promise<boolean> {
  const env = readEnv({
    DATABASE_URL: url,
    DUEDAY_DATA_DIR: dataDir,
    DUEDAY_CLOCK: 'virtual',
    CATALOG_FILE: 'catalog.yaml',
  });
  const { ctx, close } = await openContext(env, 4);
  const pages = openPages({ url }, ctx.db);
  const measured = metrics();
  const app = await httpServer(ctx, {
    bootstrapKey: KEY,
    pages,
    catalogFile: 'catalog.yaml',
    charging: ctx,
    readiness: {
      notReady: () => null,
      catalogDiffers: () => null,
      showMetrics: measured.show,
      metricsText: measured.text,
      metricsType: measured.contentType,
    },
    webhooks: null,
  });
  const siti = visitorOf(app);
  await siti.send('/sign-in', '/sign-in', { key: KEY });
  const [{ charges, entries } = { charges: '', entries: '' }] = await ctx.db.run<{ charges: string; entries: string }>(
    sql`select (select count(*) from charges)::text as charges, (select count(*) from ledger)::text as entries`,
  );
  console.log(`${charges} charges, ${entries} entries`);
  const [{ at } = { at: '' }] = await ctx.db.run<{ at: string }>(sql`select current_setting('data_directory') as at`);
  let isGood = true;
  for (const page of await pagesOf(ctx)) isGood = (await looked(siti, page, dirname(at))) && isGood; // oxlint-disable-line no-await-in-loop
  await app.close();
  await pages.close();
  await close();
  return isGood;
}

/** A made-up book, and copies of it until there are so many charges. */
async function fill(url: string, dataDir: string, charges: number): Promise<void> {
  const town = townOf(SPAN);
  const env = readEnv({ DATABASE_URL: url, DUEDAY_DATA_DIR: dataDir, CATALOG_FILE: 'catalog.yaml' });
  const { ctx, catalogText, close } = await openToSeed(env, { from: beginOf(SPAN), script: town.script, firstEdition });
  await live(ctx, SPAN, town, catalogText, () => undefined);
  await close();
  const client = connection(url, { max: 1 });
  const [{ count } = { count: 1 }] = await client.unsafe<{ count: number }[]>(
    'select count(*)::int as count from charges',
  );
  console.log(`${count} charges are made up; copying them.`);
  await copyBook(client, Math.max(0, Math.ceil(charges / count) - 1), () => undefined);
  await client.end();
}

const directory = mkdtempSync(join(tmpdir(), 'dueday-pages-'));
const given = process.env.DATABASE_URL;
const server = given === undefined ? await startEmbedded({ dataDir: join(directory, 'data') }) : null;
try {
  const url = given ?? server?.url ?? '';
  if (given === undefined) await fill(url, directory, Number(process.argv[2] ?? 1_000_000));
  process.exitCode = (await bench(url, directory)) ? 0 : 1;
} finally {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}
