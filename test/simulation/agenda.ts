import { sql } from 'drizzle-orm';
import { between, type Chance, drawn, shuffled } from '../support/chance.ts';
import type { Clock } from './clock.ts';
import type { House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';

/** Wakes replicas when something falls due, so that nothing has to look every minute as cron does. */
export type Agenda = {
  /** Plans the next wake-up, if anything may have changed since the last was planned. */
  plan(): Promise<void>;
  /** Something changed. */
  touch(): void;
};

const MINUTE = 60_000;
/** Within the half hour after which the judge calls a charge late: whatever kept it may end without a sign. */
const LONGEST_PAUSE = 25 * MINUTE;
/** In so many of the wake-ups every job looks, as cron has it; in the others those that have something to do. */
const ALL_LOOK = 0.1;

const someRace = [
  [60, 1],
  [25, 2],
  [15, 3],
] as const;
const fewRace = [
  [85, 1],
  [10, 2],
  [5, 3],
] as const;

/** Most of what a seed lives is asking: look-ups that fall due within the same ten minutes are made together. */
function together(job: string, at: number): number {
  return job === 'rescue' ? Math.ceil(at / (10 * MINUTE)) * 10 * MINUTE : at;
}

const AWAITED = 'and exists (select from charges where waits_for = b.channel)';
const OPEN = `and exists (select from attempts a where a.bucket = c.bucket and a.charge_id = c.id
  and a.failure_code = 'REQUIRES_ACTION' and a.action_closed_at is null)`;
const OF_A_VOID_CHARGE = `join attempts a on a.bucket = o.bucket and a.id = o.attempt_id and a.outcome in ('pending', 'unknown')
  join charges c on c.bucket = a.bucket and c.id = a.charge_id and c.status = 'void'`;
const RESTORED = 'and exists (select from charging where ask_since is not null and stopped_at is null)';

/** One kind of what falls due, with the job that sees to it: how much of it is overdue, which that is, and when the next of it falls due. */
type Falling = {
  readonly kind: number;
  readonly job: string;
  readonly overdue: number;
  readonly mark: string | null;
  readonly next: number | null;
};

/** What was overdue of a kind, how often it has been looked at since, and when it is looked at again. */
type Overdue = { readonly mark: string; readonly looks: number; readonly at: number };

export function agendaOf(
  time: Timeline,
  clock: Clock,
  random: Chance,
  house: House,
  replicas: readonly Replica[],
  moment: () => void,
): Agenda {
  let turn = 0;
  let isStale = true;
  const overdue = new Map<number, Overdue>();

  /**
   * When somebody looks again at what is overdue: whoever should have done it was down, cut off or told not to. Cron looks every minute;
   * here it is less and less often, each kind by itself, until something of that kind has changed. Null: nothing of it is overdue.
   */
  function againAt({ kind, overdue: count, mark: last }: Falling): number | null {
    if (count === 0) {
      overdue.delete(kind);
      return null;
    }
    const mark = `${count} ${last}`;
    const before = overdue.get(kind);
    if (before?.mark === mark && before.at > time.now()) return before.at;
    const looks = before?.mark === mark ? before.looks + 1 : 0;
    const at = time.now() + (looks === 0 ? 0 : Math.min(MINUTE * 2 ** (looks - 1), LONGEST_PAUSE));
    overdue.set(kind, { mark, looks, at });
    return at;
  }

  /** When somebody looks next, and at what. Null: nothing is planned. */
  async function nextLook(): Promise<{ readonly at: number; readonly jobs: ReadonlySet<string> } | null> {
    const falling = await fallingDue(house, clock.now());
    const planned = falling.flatMap((one) => {
      const next = one.next === null ? null : together(one.job, one.next + time.now() - clock.now());
      const times = [next, againAt(one)].filter((at) => at !== null);
      return times.length === 0 ? [] : [{ job: one.job, at: Math.min(...times) }];
    });
    if (planned.length === 0) return null;
    const at = Math.min(...planned.map((one) => one.at));
    return { at, jobs: new Set(planned.filter((one) => one.at === at).map(({ job }) => job)) };
  }

  /** As many as race for it in production, where all of them sleep until the same instant. */
  function wakeSome(jobs: ReadonlySet<string>): void {
    const count = drawn(random, jobs.has('rescue') && jobs.size === 1 ? fewRace : someRace);
    const awake = replicas.filter((one) => one.life() !== null);
    const wanted = random() < ALL_LOOK ? null : jobs;
    for (const replica of shuffled(random, awake).slice(0, count))
      time.at(time.now() + between(random, 0, 30), () => replica.wake(wanted));
  }

  return {
    async plan() {
      if (!isStale) return;
      isStale = false;
      turn += 1;
      const mine = turn;
      const look = await nextLook();
      if (look === null) return;
      time.at(look.at, () => {
        if (mine !== turn) return;
        isStale = true;
        moment();
        wakeSome(look.jobs);
      });
    },
    touch() {
      isStale = true;
    },
  };
}

type Kind = readonly [job: string, column: string, from: string, isInRealTime?: boolean];

const kinds: readonly Kind[] = [
  ['billing', 'next_cycle_at', 'subscriptions where next_cycle_at is not null'],
  ['billing', 'next_attempt_at', 'charges where next_attempt_at is not null'],
  ['open actions', 'next_attempt_at', `charges c where next_attempt_at is not null ${OPEN}`],
  ['ended actions', 'waits_until', `charges c where waits_until is not null ${OPEN}`],
  ['lost attempts', 'next_attempt_at', `charges where next_attempt_at is not null ${RESTORED}`],
  // One that Xendit was asked about is free from then on, though its time had come before.
  [
    'billing',
    'greatest(next_attempt_at, asked_at)',
    `charges where next_attempt_at is not null and asked_at is not null`,
  ],
  ['billing', 'resumes_at', `subscriptions where status = 'paused' and resumes_at is not null`],
  ['billing', 'applies_at', 'changes where applies_at is not null'],
  ['billing', 'waits_until', 'charges where waits_until is not null'],
  ['rescue', 'next_check_at', `attempts where outcome in ('pending', 'unknown') and next_check_at is not null`],
  ['rescue', 'lease_until', 'attempts where outcome is null', true],
  ['onboarding', 'next_check_at', `onboardings where status = 'active' and attempt_id is null`],
  ['payments by hand', 'next_check_at', `onboardings where status = 'active' and attempt_id is not null`],
  // Whoever voids a charge wakes the daemon, which closes the page that is open to pay it; cron finds one that was not open yet.
  [
    'payments by hand',
    `greatest(c.settled_at, case when o.created_at > c.settled_at then o.created_at + interval '1 minute' end,
      o.asked_at + interval '1 minute')`,
    `onboardings o ${OF_A_VOID_CHARGE} where o.status = 'active'`,
  ],
  ['webhooks', 'next_try_at', `inbox where status = 'received'`],
  ['webhooks of links', 'next_try_at', `inbox where status = 'received'`],
  ['billing', 'probe_at', `breakers b where state <> 'closed' ${AWAITED}`],
  ['refunds', 'next_at', 'refunds where next_at is not null'],
  ['repricings', 'drafted_at', `repricings where state = 'running'`],
  ['reconciliation', 'greatest(next_at, lease_until)', 'sweep', true],
];

const AT = '(select now from a)';

/** Put together once, and not with each of the thousands of looks of a seed. */
const FALLING = sql.raw(
  kinds
    .map(
      // What runs out in real time is found by cron, up to a minute later.
      (
        [job, due, from, isInRealTime = false],
        kind,
      ) => `select ${kind} as kind, '${job}' as job, count(*) filter (where ${due} <= ${AT})::int as overdue,
        max(${due}) filter (where ${due} <= ${AT})::text as mark,
        (extract(epoch from min(${due}) filter (where ${due} > ${AT})) * 1000)::float8 + ${isInRealTime ? 1 : 0} as next from ${from}`,
    )
    .join(' union all '),
);

/** What falls due when, by the job that does it: counted by another hand than the product's. */
async function fallingDue(house: House, now: number): Promise<readonly Falling[]> {
  return await house.db.run<Falling>(
    sql`with a as materialized (select to_timestamp(${now / 1_000}::float8) as now) ${FALLING}`,
  );
}
