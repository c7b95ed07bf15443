import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { migratedDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { run, runtimeWith } from './cli-stand.ts';

/*
 * The book that `dueday seed` makes up: every state and oddity is in it, its proofs hold, and the same words make the same book.
 */

const UNTIL = '2026-11-30T05:00:00Z';

/** Runs the command on a database of its own; `ask` reads that. */
async function seeded(subscriptions: number, settings: Readonly<Record<string, string>> = {}) {
  const url = await migratedDatabase();
  const given = { DATABASE_URL: url, DUEDAY_DATA_DIR: passingDirectory(), CATALOG_FILE: 'catalog.yaml', ...settings };
  const runtime = runtimeWith(given, () => ({ url: 'http://127.0.0.1:1', apiKey: null }));
  const words = ['--subscriptions', String(subscriptions), '--months', '2', '--until', UNTIL];
  const again = async () => await run(runtime, 'seed', ...words);
  const ran = await again();
  const db = openDatabase({ url, poolSize: 1, applicationName: 'a look' });
  const column = async (query: string): Promise<readonly string[]> =>
    (await db.run<{ x: string }>(sql.raw(`select distinct x::text from (${query}) as r(x) order by 1`))).map(
      ({ x }) => x,
    );
  return { ran, again, runtime, column, db };
}

test('every state and oddity is in it, and its proofs hold', async () => {
  const { ran, again, runtime, column, db } = await seeded(62);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toContain(`--subscriptions 62 --months 2 --until 2026-11-30T05:00Z`);

  const verified = await run(runtime, 'verify');
  expect(verified).toMatchObject({ code: 0, err: '' });

  expect(await column('select status from charges')).toEqual([
    'attempting',
    'due',
    'held',
    'paid',
    'uncollectible',
    'void',
  ]);
  expect(await column('select status from subscriptions')).toEqual(
    expect.arrayContaining(['active', 'canceled', 'past_due', 'paused', 'pending', 'trialing']),
  );
  expect(await column('select outcome from attempts')).toEqual(['declined', 'pending', 'succeeded', 'unknown']);
  expect(await column(`select hold_reason from charges where status = 'held'`)).toEqual([
    'by_hand',
    'missed_cycle',
    'our_fault',
    'unknown_outcome',
  ]);
  expect(await column('select kind from findings')).toEqual(['amount_mismatch', 'late_success', 'overpayment']);
  expect(await column('select failure_code from attempts where failure_code is not null')).toEqual(
    expect.arrayContaining([
      'CHANNEL_UNAVAILABLE',
      'DECLINED_BY_ISSUER',
      'EXPIRED_CARD',
      'INSUFFICIENT_BALANCE',
      'INVALID_MERCHANT_SETTINGS',
      'ISSUER_UNAVAILABLE',
      'PAYMENT_REQUEST_RATE_LIMITED',
      'STOLEN_CARD',
      'USER_DECLINED_PAYMENT',
    ]),
  );
  expect(await column('select kind from ledger')).toEqual(
    expect.arrayContaining([
      'charge.forgiven',
      'charge.link_opened',
      'charge.released',
      'charge.voided',
      'notice.owed',
      'notice.sent',
      'payment.overpaid',
      'subscription.changed',
      'subscription.consent_given',
      'subscription.consent_refused',
      'subscription.consent_silence',
      'subscription.grace_granted',
      'subscription.item_added',
      'token.ended',
    ]),
  );
  expect(await column('select currency from charges')).toEqual(['IDR', 'PHP']);
  expect((await column('select channel from ledger where channel is not null')).length).toBeGreaterThan(5);
  expect(await column('select anchor from subscriptions where extract(day from anchor) = 31')).not.toEqual([]);
  expect(await column(`select channel from breakers where since is not null`)).toContain('OVO');
  expect(await column('select why from ledger')).toEqual(expect.arrayContaining([expect.stringMatching(/[ก-๙]/)]));
  expect(await column('select to_version from catalog_applies')).toHaveLength(3);

  const more = await again();
  expect(more.code).toBe(1);
  expect(more.err).toContain('not empty');
  await db.close();
});

test('the same words make the same book, entry by entry', async () => {
  const [one, other] = [await seeded(14), await seeded(14)];
  const hashes = 'select hash from ledger';
  expect(await one.column(hashes)).not.toHaveLength(0);
  expect(await other.column(hashes)).toEqual(await one.column(hashes));
  await Promise.all([one.db.close(), other.db.close()]);
});

test('a live key is refused, and nothing is written', async () => {
  const live = {
    XENDIT_SECRET_KEY: 'xnd_production_x',
    XENDIT_WEBHOOK_TOKEN: 'callback',
    DUEDAY_API_KEY: 'k'.repeat(40),
  };
  const { ran, column, db } = await seeded(5, live);
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('live key');
  expect(await column('select id from customers')).toEqual([]);
  await db.close();
});
