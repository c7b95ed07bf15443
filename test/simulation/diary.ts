import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';

/** What became of a charge, one line each time its standing changed, in the order of the commits. */
export type ChargeLine = {
  readonly charge_id: string;
  readonly subscription_id: string;
  readonly plan: string;
  readonly cycle: number;
  readonly missed: boolean;
  readonly due_ms: number;
  /** When it came to stand so, by Postgres' clock. */
  readonly at_ms: number;
  readonly status: string;
  readonly next_ms: number | null;
  readonly waits_ms: number | null;
  /** The channel whose breaker it waits for. */
  readonly waits_for: string | null;
  readonly hold_reason: string | null;
  readonly note: string | null;
  readonly attempts: number;
};

/** An attempt that was written, or is about to leave once more, and what stood in its way at that very statement. */
export type AttemptLine = {
  readonly reference_id: string;
  readonly what: 'sent' | 'repeated';
  readonly at_ms: number;
  readonly subscription: string;
  readonly charge: string;
  readonly charging: string;
};

/**
 * Kept by triggers in the transaction of each change, so that a failover takes back what it takes from the books, and so
 * that what was in the way of an attempt is what the statement that wrote it could see.
 */
export const KEEP_A_DIARY: readonly string[] = [
  `create table simulated.charge_lines (n bigint generated always as identity, charge_id uuid, at timestamptz, status text,
     next_at timestamptz, waits_until timestamptz, waits_for text, hold_reason text, note text, attempts int)`,
  `create table simulated.attempt_lines (n bigint generated always as identity, reference_id text, what text, at timestamptz,
     subscription text, charge text, charging text)`,
  `create function simulated.note_charge() returns trigger language plpgsql as $$ begin
     if tg_op = 'INSERT' or (old.status, old.next_attempt_at, old.waits_until, old.waits_for) is distinct from
       (new.status, new.next_attempt_at, new.waits_until, new.waits_for) then
       insert into simulated.charge_lines (charge_id, at, status, next_at, waits_until, waits_for, hold_reason, note, attempts)
       values (new.id, simulated.now(), new.status, new.next_attempt_at, new.waits_until, new.waits_for, new.hold_reason, new.note, new.attempts);
     end if; return null; end $$`,
  `create trigger note_charge after insert or update on public.charges for each row execute function simulated.note_charge()`,
  `create function simulated.note_attempt() returns trigger language plpgsql as $$ begin
     if tg_op = 'INSERT' or new.repeated_at is distinct from old.repeated_at then
       insert into simulated.attempt_lines (reference_id, what, at, subscription, charge, charging)
       select new.reference_id, case tg_op when 'INSERT' then 'sent' else 'repeated' end, simulated.now(), s.status, c.status,
         (select coalesce(reason, 'on') from charging where id = 1)
       from charges c join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
       where c.bucket = new.bucket and c.id = new.charge_id;
     end if; return null; end $$`,
  `create trigger note_attempt after insert or update on public.attempts for each row execute function simulated.note_attempt()`,
];

export const FORGET_THE_DIARY = 'truncate simulated.charge_lines, simulated.attempt_lines restart identity';

/** Statements that a diary line may come of, which need Postgres' clock to be right. */
export const WRITES_IN_THE_DIARY = /\b(insert into|update) "?(charges|attempts)\b/;

export async function chargeLines(db: Database): Promise<ReadonlyMap<string, readonly ChargeLine[]>> {
  const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
  const lines = await db.run<ChargeLine>(sql`select l.charge_id, c.subscription_id, c.plan, c.cycle, c.missed,
      ${ms('c.due_at')} as due_ms, ${ms('l.at')} as at_ms, l.status, ${ms('l.next_at')} as next_ms,
      ${ms('l.waits_until')} as waits_ms, l.waits_for, l.hold_reason, l.note, l.attempts
    from simulated.charge_lines l join charges c on c.id = l.charge_id order by l.n`);
  return Map.groupBy(lines, (line) => line.charge_id);
}

/** But those that customers paid by hand, which stop with nothing else. */
export async function attemptLines(db: Database): Promise<readonly AttemptLine[]> {
  return await db.run<AttemptLine>(sql`select l.reference_id, l.what, (extract(epoch from l.at) * 1000)::float8 as at_ms,
      l.subscription, l.charge, l.charging
    from simulated.attempt_lines l where not exists (select from attempts a where a.reference_id = l.reference_id and a.via = 'session')
    order by l.n`);
}
