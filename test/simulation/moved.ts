import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import type { WrittenLine } from './movers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export type Moved = {
  readonly db: Database;
  /** By the digest of a file and a line of it. */
  readonly written: ReadonlyMap<string, WrittenLine>;
  /** Subscriptions whose calendar a pause may have moved. */
  readonly shifted: ReadonlySet<string>;
};

/** A subscription that came from a file, with when it went on here; times in milliseconds since 1970. */
type Taken = {
  readonly id: string;
  readonly source: string;
  /** By the switch, and by whatever else. */
  readonly switched: number | null;
  readonly resumed: number | null;
  /** Nothing else was ever agreed with its customer. */
  readonly is_as_written: boolean;
};

type Asked = { readonly id: string; readonly cycle: number; readonly due: number; readonly is_void: boolean };

/**
 * Whoever was taken over is one subscription, charged by nobody twice: not before the switch, nor for what the other biller was at when it came,
 * in cycles that go on where those of the file ended.
 */
export async function movedFaults({ db, written, shifted }: Moved): Promise<readonly string[]> {
  const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
  const taken = await db.run<Taken>(sql`select s.id, r.import_id || ' ' || r.line as source,
      (select min(${ms('l.at')}) from ledger l where l.bucket = s.bucket and l.subscription_id = s.id
        and l.kind = 'subscription.resumed' and l.why like 'switched:%') as switched,
      (select min(${ms('l.at')}) from ledger l where l.bucket = s.bucket and l.subscription_id = s.id
        and l.kind = 'subscription.resumed' and coalesce(l.why, '') not like 'switched:%') as resumed,
      not exists (select from terms t where t.bucket = s.bucket and t.subscription_id = s.id
        and t.origin not in ('imported', 'repriced')) and s.changes = 0 as is_as_written
    from import_rows r join subscriptions s on s.id = r.subscription_id order by s.reference_id`);
  const asked = Map.groupBy(
    await db.run<Asked>(sql`select subscription_id as id, cycle, ${ms('due_at')} as due, status = 'void' as is_void
      from charges where cycle is not null order by cycle`),
    ({ id }) => id,
  );
  return [
    ...taken.flatMap((one) => {
      const line = written.get(one.source);
      if (line === undefined) return [`subscription ${one.id} is of a line that nobody wrote: ${one.source}`];
      const charges = asked.get(one.id) ?? [];
      const isOfOneCalendar = one.is_as_written && !shifted.has(one.id);
      return [
        ...tooEarly(one, line, charges),
        ...(isOfOneCalendar ? [...switchedLate(one, line), ...otherDays(one, line, charges)] : []),
      ];
    }),
    ...(await miscounted(db)),
  ];
}

/** What the other biller was at when it was told, or took before. */
function tooEarly({ id, switched, resumed }: Taken, { reference, cycle }: WrittenLine, charges: readonly Asked[]) {
  const collected = charges.filter(({ is_void: isVoid }) => !isVoid);
  return collected.flatMap((charge) => {
    if (charge.cycle < cycle)
      return [`${reference} (${id}) was charged cycle ${charge.cycle}, before ${cycle} of its file`];
    const at = Math.min(
      switched === null ? Number.POSITIVE_INFINITY : switched + DAY,
      resumed ?? Number.POSITIVE_INFINITY,
    );
    return charge.due < at
      ? [`${reference} (${id}) was charged cycle ${charge.cycle}, which the other biller took`]
      : [];
  });
}

function switchedLate({ id, switched, resumed }: Taken, { reference, at }: WrittenLine): readonly string[] {
  const isFirst = switched !== null && (resumed === null || resumed > switched);
  return isFirst && at - switched < DAY
    ? [`${reference} (${id}) was switched ${((at - switched) / HOUR).toFixed(1)} hours before its renewal`]
    : [];
}

/** By a calendar of its own: the day of the file, and so many days for each cycle after it. */
function otherDays({ id }: Taken, line: WrittenLine, charges: readonly Asked[]): readonly string[] {
  const dueOf = (cycle: number) =>
    line.date
      .add({ days: (cycle - line.cycle) * line.days })
      .toZonedDateTime({ timeZone: line.zone, plainTime: '09:00' }).epochMilliseconds;
  return charges
    .filter(({ cycle, due }) => due !== dueOf(cycle))
    .map(({ cycle, due }) => `cycle ${cycle} of ${line.reference} (${id}) fell due at ${new Date(due).toISOString()}`);
}

async function miscounted(db: Database): Promise<readonly string[]> {
  const rows = await db.run<{ what: string; name: string }>(sql`
    select count(*) || ' subscriptions of one line' as what, reference_id as name
      from subscriptions group by reference_id having count(*) > 1
    union all select 'the import is done, and its line is ' || r.state, i.file || ' line ' || r.line
      from imports i join import_rows r on r.import_id = i.digest
      where i.state = 'created' and r.state not in ('created', 'switched', 'left')
    union all select 'its line is ' || r.state || ', and there is no subscription', r.import_id || ' line ' || r.line
      from import_rows r where r.state in ('created', 'switched')
        and not exists (select from subscriptions s where s.id = r.subscription_id)
    -- Both would be charged: of two files one alone goes on.
    union all select 'billed here by two files', a.reference_id || ' and ' || b.reference_id
      from subscriptions a join subscriptions b on b.customer_id = a.customer_id and b.plan = a.plan and b.id > a.id
      join import_rows ra on ra.subscription_id = a.id and ra.state = 'switched'
      join import_rows rb on rb.subscription_id = b.id and rb.state = 'switched' and rb.import_id <> ra.import_id
      where a.status in ('active', 'past_due') and b.status in ('active', 'past_due')`);
  return rows.map(({ what, name }) => `${what}: ${name}`);
}

export async function countSwitched(db: Database): Promise<number> {
  const [row] = await db.run<{ n: number }>(sql`select count(*)::int as n from import_rows where state = 'switched'`);
  return row?.n ?? 0;
}
