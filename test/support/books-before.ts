import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { migrate } from '../../src/infra/database/migrate.ts';
import { editJournal } from './migrations.ts';

/** The last migration before charges had kinds, and the ledger the columns that are hashed last. */
const BEFORE = '0026_catalog_in_force';
const ENTRIES_A_CHARGE = 5;

/** A database as the version before made it; `folder` is a copy of the migrations, which is cut off. */
export async function migrateBefore(url: string, folder: string): Promise<void> {
  // The rights are those of the newest version, and name columns that are not there yet.
  rmSync(join(folder, 'grants.sql'));
  editJournal(folder, (entries) => entries.slice(0, entries.findIndex(({ tag }) => tag === BEFORE) + 1));
  await migrate(url, folder);
}

/**
 * Books as the version before wrote them: so many subscriptions with so many paid charges each, an attempt and five entries a
 * charge. The text that is hashed is put together here in SQL, so that it does not come from the code that is to read it.
 */
export async function fillBefore(client: Sql, subscriptions: number, cycles: number): Promise<void> {
  for (let seq = 1; seq <= cycles * ENTRIES_A_CHARGE; seq += 1)
    await client.unsafe(entriesNumbered(seq, subscriptions));
  await client.unsafe(`insert into customers (bucket, id, reference_id, created_at)
    select s % 256, ${id(3)}, 'cust-' || s, '2025-12-01T00:00:00Z' from generate_series(1, ${subscriptions}) s`);
  await client.unsafe(`insert into tokens (bucket, id, customer_id, token_id, channel_code, status, recurring_frequency, recurring_expiry, saved_at, session_id)
    select s % 256, ${id(2)}, ${id(3)}, 'pt-' || s, 'CARDS', 'active', 1, '2036-01-01', '2025-12-01T00:00:00Z', 'ps-' || s
    from generate_series(1, ${subscriptions}) s`);
  await client.unsafe(`insert into subscriptions (bucket, id, customer_id, reference_id, status, plan, catalog_version, amount, currency, country,
      interval_count, interval_unit, time_zone, charge_at, anchor, next_cycle, next_cycle_at, token_id, success_return_url, cancel_return_url,
      created_at, activated_at, ledger_seq, ledger_head)
    select s % 256, ${id(1)}, ${id(3)}, 'sub-' || s, 'active', 'm', 1, 150000, 'IDR', 'ID', 1, 'month', 'Asia/Jakarta', '09:00', '2026-01-01',
      ${cycles}, '2036-01-01T02:00:00Z', ${id(2)}, 'https://example.com/a', 'https://example.com/b', '2025-12-01T00:00:00Z',
      '2026-01-01T00:00:00Z', l.seq, l.hash
    from generate_series(1, ${subscriptions}) s
      join ledger l on l.bucket = s % 256 and l.subscription_id = ${id(1)} and l.seq = ${cycles * ENTRIES_A_CHARGE}`);
  const each = `generate_series(1, ${subscriptions}) s, generate_series(0, ${cycles - 1}) c`;
  await client.unsafe(`insert into charges (bucket, id, subscription_id, customer_id, cycle, period_start, period_end, due_at, plan, catalog_version,
      amount, currency, collected, status, attempts, settled_at, created_at)
    select s % 256, ${chargeId('c')}, ${id(1)}, ${id(3)}, c, ${start('c')}, ${end('c')}, ${start('c')}, 'm', 1, 150000, 'IDR', 150000, 'paid', 1,
      ${start('c')}, ${start('c')} from ${each}`);
  await client.unsafe(`insert into attempts (bucket, id, charge_id, customer_id, token_id, number, reference_id, request, request_hash, amount, currency,
      sent_at, lease_until, outcome, outcome_at)
    select s % 256, ${idOf(5, 's * 1000 + c')}, ${chargeId('c')}, ${id(3)}, ${id(2)}, 1, ${reference('c')}, '{}', '', 150000, 'IDR',
      ${start('c')}, ${start('c')}, 'succeeded', ${start('c')} from ${each}`);
}

/** The entries that every subscription has at this place of its chain. */
function entriesNumbered(seq: number, subscriptions: number): string {
  const [cycle, step] = [Math.floor((seq - 1) / ENTRIES_A_CHARGE), (seq - 1) % ENTRIES_A_CHARGE];
  const kind = ['charge.opened', 'attempt.sent', 'attempt.settled', 'charge.paid', 'subscription.noted'][step];
  const ofCharge = (value: string, type: string) => (step === 4 ? `null::${type}` : value);
  const ofAttempt = (value: string, type: string) => (step === 1 || step === 2 ? value : `null::${type}`);
  // In the order of the log, which is the order in which they are hashed.
  const columns: Readonly<Record<string, string>> = {
    entry_id: idOf(6, `s * 1000 + ${seq}`),
    at: `timestamptz '2026-01-01T02:00:00.120Z' + ${seq} * interval '1 hour'`,
    kind: `'${kind}'::text`,
    subscription_reference: `'sub-' || s`,
    subscription_id: id(1),
    plan: `'m "monthly"'::text`,
    customer_reference: `'cust-' || s`,
    charge_id: ofCharge(chargeId(String(cycle)), 'uuid'),
    cycle: ofCharge(String(cycle), 'int'),
    period_start: ofCharge(`(${start(String(cycle))})::date`, 'date'),
    period_end: ofCharge(`(${end(String(cycle))})::date`, 'date'),
    attempt: ofAttempt('1', 'int'),
    reference_id: ofAttempt(reference(String(cycle)), 'text'),
    channel: ofAttempt(`'CARDS'::text`, 'text'),
    amount: ofCharge('150000', 'bigint'),
    currency: `'IDR'::text`,
    money: step === 3 ? '150000' : '0',
    outcome: step === 2 ? `'succeeded'::text` : 'null::text',
    failure_code: 'null::text',
    class: 'null::text',
    decision: 'null::text',
    why: step === 0 ? 'null::text' : `'Äußerst: "why"'::text`,
    payment_request_id: ofAttempt(`'pr-' || s`, 'text'),
    payment_id: 'null::text',
    catalog_version: '1',
    actor: `'dueday'::text`,
  };
  const json = Object.keys(columns).map((name) => {
    if (name === 'at') return `to_json(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
    return ['cycle', 'attempt', 'catalog_version'].includes(name) ? `to_json(e.${name})` : `to_json(e.${name}::text)`;
  });
  const text = `'[${seq},' || concat_ws(',', ${json.map((one) => `coalesce(${one}::text, 'null')`).join(', ')}) || ']'`;
  const names = Object.keys(columns);
  return `insert into ledger (bucket, seq, prev_hash, hash, ${names.join(', ')})
    select e.bucket, ${seq}, e.prev, encode(sha256(convert_to(e.prev || E'\\n' || ${text}, 'UTF8')), 'hex'), ${names.map((name) => `e.${name}`).join(', ')}
    from (select s % 256 as bucket, ${Object.entries(columns)
      .map(([name, value]) => `${value} as ${name}`)
      .join(', ')}, ${seq === 1 ? `repeat('0', 64)` : 'b.hash'} as prev
      from generate_series(1, ${subscriptions}) s
      ${seq === 1 ? '' : `join ledger b on b.bucket = s % 256 and b.subscription_id = ${id(1)} and b.seq = ${seq - 1}`}) e`;
}

/** An id of this kind for the subscription `s`: its last byte is the bucket. */
function id(kind: number): string {
  return idOf(kind, 's');
}

function chargeId(cycle: string): string {
  return idOf(4, `s * 1000 + ${cycle}`);
}

function idOf(kind: number, number: string): string {
  return `('0000000${kind}-0000-7000-8000-' || lpad(to_hex((${number})::bigint), 10, '0') || lpad(to_hex(s % 256), 2, '0'))::uuid`;
}

function reference(cycle: string): string {
  return `'due_' || ${id(1)} || '_' || ${cycle} || '_1'`;
}

function start(cycle: string): string {
  return `(timestamptz '2026-01-01T00:00:00Z' + ${cycle} * interval '1 month')`;
}

function end(cycle: string): string {
  return `(timestamptz '2026-01-31T00:00:00Z' + ${cycle} * interval '1 month')`;
}
