import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import type { Mode } from '../../../domain/control/binding.ts';
import type { BreakerState, KeptAnswer } from '../../../domain/control/breaker.ts';
import { instant, minor, plainDate } from '../../database/columns.ts';
import { ofAccount, oneOfAccount } from './heads.ts';

/** The allowance that all replicas share, a row an endpoint; real time (docs/xendit.md 1: a sliding window). */
export const pace = pgTable(
  'pace',
  {
    ...ofAccount(),
    endpoint: text('endpoint').notNull(),
    at: instant('at').array().notNull().default(sql`'{}'`),
    permits: integer('permits').array().notNull().default(sql`'{}'`),
    pausedUntil: instant('paused_until'),
    /** Pauses in a row with no answer between them: each is longer than the last. */
    pauses: integer('pauses').notNull().default(0),
  },
  (t) => [primaryKey({ name: 'pace_pk', columns: [t.account, t.endpoint] })],
);

/**
 * A row a channel that was ever in doubt: whether its charges go out, and its last answers while some of them are faults.
 * The instants go by the billing clock.
 */
export const breakers = pgTable(
  'breakers',
  {
    channel: text('channel').primaryKey(),
    state: text('state').$type<BreakerState>().notNull().default('closed'),
    since: instant('since'),
    code: text('code'),
    why: text('why'),
    /** Who closed it, or opened it by hand. */
    by: text('by'),
    /** When charges are tried next; of one that was opened by hand never. While they are out: until when. */
    probeAt: instant('probe_at'),
    /** Probes in a row that failed. */
    probes: integer('probes').notNull().default(0),
    /** As many charges go out with the next probe. */
    room: integer('room').notNull().default(1),
    /** The probe that is out: only its charges pass. */
    probe: uuid('probe'),
    answers: jsonb('answers').$type<readonly KeptAnswer[]>().notNull().default([]),
  },
  (t) => [
    check('breakers_state', sql`${t.state} in ('closed', 'open', 'half_open')`),
    check('breakers_open_has_reason', sql`${t.state} = 'closed' or num_nulls(${t.since}, ${t.code}, ${t.why}) = 0`),
    check('breakers_half_open_has_probe', sql`(${t.state} = 'half_open') = (${t.probe} is not null)`),
  ],
);

/** One row an account: whether anything is charged at all, and why not; and where, with which key, it was armed (invariant 13). */
export const charging = pgTable(
  'charging',
  {
    ...oneOfAccount(),
    stoppedAt: instant('stopped_at'),
    reason: text('reason'),
    armedAt: instant('armed_at'),
    mode: text('mode').$type<Mode>(),
    /** A hash of the key, never the key. */
    fingerprint: text('fingerprint'),
    system: text('system'),
    database: text('database'),
    tables: text('tables'),
    /** Null where nobody could look. */
    files: text('files'),
    timeline: integer('timeline'),
    /** Rows may have been lost before this instant: charges due until then are asked about before they are tried. */
    askSince: instant('ask_since'),
    /** The run of the server that was met last: another one may have lost what this one had acknowledged. */
    run: text('run'),
    /** When another run was met: what cannot be sent twice and was due until then is asked about before it is tried. */
    runSince: instant('run_since'),
    /** How often it was armed, and so which row of `armings` says who did it last, and why. */
    arming: integer('arming').notNull().default(0),
    /** The person who stopped it; null where dueday did, for a fault. */
    stoppedBy: text('stopped_by'),
    /** How often a person stopped it, and so which row of `disarmings` is the last. */
    disarming: integer('disarming').notNull().default(0),
    /** The catalog version in force, which every process works by; null until a daemon has put one in force. */
    catalogVersion: integer('catalog_version'),
    /** Which row of `catalog_applies` put it in force; 0: a dueday did that had no such rows. */
    catalogApply: integer('catalog_apply').notNull().default(0),
    /** Since when it is in force, by the billing clock; null: not known. */
    catalogSince: instant('catalog_since'),
  },
  (t) => [
    primaryKey({ name: 'charging_pk', columns: [t.account, t.id] }),
    check('charging_is_one_row', sql`${t.id} = 1`),
    check('charging_stop_has_reason', sql`(${t.stoppedAt} is null) = (${t.reason} is null)`),
    check('charging_stopped_by_somebody', sql`${t.stoppedBy} is null or ${t.stoppedAt} is not null`),
    check('charging_mode', sql`${t.mode} in ('sandbox', 'test', 'live')`),
    check(
      'charging_is_armed_as_a_whole',
      sql`num_nulls(${t.armedAt}, ${t.mode}, ${t.fingerprint}, ${t.system}, ${t.database}, ${t.tables}, ${t.timeline}) in (0, 7)`,
    ),
  ],
);

/**
 * Every time that charging was armed, by whom and why; written by the statement that arms. Append-only: UPDATE, DELETE and
 * TRUNCATE are refused by a trigger, and the numbers have no gap.
 */
export const armings = pgTable(
  'armings',
  {
    number: integer('number').primaryKey(),
    armedAt: instant('armed_at').notNull(),
    mode: text('mode').$type<Mode>().notNull(),
    /** A hash of the key, never the key. */
    fingerprint: text('fingerprint').notNull(),
    system: text('system').notNull(),
    database: text('database').notNull(),
    tables: text('tables').notNull(),
    /** Null where nobody could look. */
    files: text('files'),
    timeline: integer('timeline').notNull(),
    /** Between this and what was armed before, in the words that were shown; and why nothing was charged, if so. */
    differences: text('differences').array().notNull(),
    stoppedFor: text('stopped_for'),
    /** Rows might have been lost: what was due until then was to be asked about first. */
    asksFirst: boolean('asks_first').notNull(),
    reason: text('reason'),
    actor: text('actor').notNull(),
  },
  (t) => [
    check('armings_number', sql`${t.number} > 0`),
    check('armings_mode', sql`${t.mode} in ('sandbox', 'test', 'live')`),
  ],
);

/**
 * Every time that a person stopped charging, as a whole or on one channel, and why; written by the statement that stops.
 * Append-only like `armings`.
 */
export const disarmings = pgTable(
  'disarmings',
  {
    number: integer('number').primaryKey(),
    disarmedAt: instant('disarmed_at').notNull(),
    /** Null: charging as a whole. */
    channel: text('channel'),
    reason: text('reason').notNull(),
    actor: text('actor').notNull(),
  },
  (t) => [check('disarmings_number', sql`${t.number} > 0`)],
);

/**
 * What was answered to a writing call that came with an Idempotency-Key, for a day: the same call again is answered from
 * here. Real time, whatever the billing clock says.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Whoever calls: the same key of another caller is another key. */
    caller: text('caller').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of method, address and body. */
    request: text('request').notNull(),
    startedAt: instant('started_at').notNull(),
    /** Which call is at work on it; another one takes over what a dead process left. */
    holder: uuid('holder').notNull(),
    status: smallint('status'),
    /** The body that was answered, sealed: it holds personal data. Null while the call is at work. */
    answer: text('answer'),
  },
  (t) => [
    primaryKey({ name: 'idempotency_keys_pk', columns: [t.caller, t.key] }),
    index('idempotency_keys_by_age').on(t.startedAt),
    check('idempotency_keys_answered_as_a_whole', sql`(${t.status} is null) = (${t.answer} is null)`),
  ],
);

/** What was charged on a day, a row a currency; counted only where the catalog limits a day. */
export const spending = pgTable(
  'spending',
  {
    currency: text('currency').primaryKey(),
    day: plainDate('day').notNull(),
    amount: minor('amount').notNull().default(sql`0`),
    /** When a person armed last: what was sent until then is not in the count. Null: everything of the day is. */
    countedFrom: instant('counted_from'),
  },
  (t) => [check('spending_amount', sql`${t.amount} >= 0`)],
);

/** One row: how far Postgres' own clock has come, and between which instants it last went back. */
export const clockWatch = pgTable(
  'clock_watch',
  {
    id: smallint('id').primaryKey().default(1),
    newest: instant('newest'),
    backFrom: instant('back_from'),
    backTo: instant('back_to'),
  },
  (t) => [
    check('clock_watch_is_one_row', sql`${t.id} = 1`),
    check(
      'clock_watch_goes_back',
      sql`(${t.backFrom} is null) = (${t.backTo} is null) and ${t.backTo} < ${t.backFrom}`,
    ),
  ],
);

/** One row, only with DUEDAY_CLOCK=virtual. */
export const testClock = pgTable(
  'test_clock',
  {
    id: smallint('id').primaryKey().default(1),
    now: instant('now').notNull(),
    /** Where it is being moved to; null when it stands. */
    target: instant('target'),
  },
  (t) => [
    check('test_clock_is_one_row', sql`${t.id} = 1`),
    check('test_clock_goes_forward', sql`${t.target} is null or ${t.target} >= ${t.now}`),
  ],
);

/** One row, made when the first link of ours is handed out: what all links to pay are signed with. No report may read it. */
export const linkKey = pgTable(
  'link_key',
  {
    id: smallint('id').primaryKey().default(1),
    key: text('key').notNull(),
  },
  (t) => [check('link_key_is_one_row', sql`${t.id} = 1`)],
);

export type Role = 'admin' | 'product' | 'finance';

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role').$type<Role>().notNull(),
    /** SHA-256 of the key; the key itself is shown once and never stored. */
    digest: text('digest').notNull().unique('api_keys_one_per_digest'),
    hint: text('hint').notNull(),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [check('api_keys_role', sql`${t.role} in ('admin', 'product', 'finance')`)],
);
