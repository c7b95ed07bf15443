import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import { attemptLines, type ChargeLine, chargeLines } from './diary.ts';
import type { Spell, Weather } from './weather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of fair weather: what is due and has nothing in its way is tried by then, though daemons fall and lines break. */
const LATE = 30 * MINUTE;
/** A channel that works again is tried again by then. */
const PROBED = 3 * HOUR;
/** So long after a page to pay on has ended what Xendit lists is read, each half hour, before it is believed that nobody paid there. */
const PAGE_READ = HOUR + 30 * MINUTE;
/** An attempt that nobody can say anything about is asked about for so long before it is a person's. */
const ASKED = 24 * HOUR;

/** A cycle is missed when nobody was there for so long. */
const MISSED_AFTER = 24 * HOUR;

export type Lived = {
  readonly db: Database;
  readonly now: number;
  readonly weather: Weather;
  /** Subscriptions that nobody could work with for a time. */
  readonly isExcused: (subscriptionId: string) => boolean;
};

/** The channels that the customer of a subscription had a method of. */
type ChannelsOf = (subscriptionId: string) => readonly string[];

/** When a charge might have been paid by hand, for all that anybody could know. */
type PagesOf = (chargeId: string) => readonly Spell[];

/** What waited too long, was held or given up without a cause, or was tried although somebody had said no. */
export async function livenessFaults(lived: Lived): Promise<readonly string[]> {
  const lines = [...(await chargeLines(lived.db)).values()];
  const judged = lines.filter(([line]) => line !== undefined && !lived.isExcused(line.subscription_id));
  const [channelsOf, pagesOf] = [await methodsIn(lived.db), await pagesIn(lived.db)];
  return [
    ...judged.flatMap((charge) => [...lateness(charge, lived, channelsOf, pagesOf), ...hasty(charge, lived)]),
    ...(await stubbornness(lived.db)),
  ];
}

async function methodsIn(db: Database): Promise<ChannelsOf> {
  const rows = await db.run<{ id: string; channel: string }>(
    sql`select distinct s.id, t.channel_code as channel from subscriptions s
      join tokens t on t.bucket = s.bucket and t.customer_id = s.customer_id`,
  );
  const methods = Map.groupBy(rows, ({ id }) => id);
  return (id) => (methods.get(id) ?? []).map(({ channel }) => channel);
}

/**
 * Nothing else of a charge is tried while its customer may be paying it on a page (docs/design.md, invariant 4). One that nobody was told of, since
 * the answer with its id was lost, is found out by Xendit's list alone.
 */
async function pagesIn(db: Database): Promise<PagesOf> {
  const rows = await db.run<{ id: string; from: number; until: number }>(sql`select charge_id as id,
      (extract(epoch from sent_at) * 1000)::float8 as from,
      (extract(epoch from least(case when outcome not in ('pending', 'unknown') then outcome_at end,
        expires_at + ${PAGE_READ}::int * interval '1 millisecond')) * 1000)::float8 as until
    from attempts where via = 'session'`);
  const pages = Map.groupBy(rows, ({ id }) => id);
  return (id) => pages.get(id) ?? [];
}

/** Each time that a charge stood due: from when its time had come until it stood otherwise. */
function lateness(
  charge: readonly ChargeLine[],
  { now, weather }: Lived,
  channelsOf: ChannelsOf,
  pagesOf: PagesOf,
): readonly string[] {
  return charge.flatMap((line, at) => {
    const stood = weather.fair(line.at_ms, charge[at + 1]?.at_ms ?? now, channelsOf(line.subscription_id));
    if (line.status === 'due' && line.waits_for !== null && stood > PROBED)
      return [`${nameOf(line)} waited ${minutes(stood)} for ${line.waits_for}, which worked`];
    const due = Math.min(line.next_ms ?? Number.POSITIVE_INFINITY, line.waits_ms ?? Number.POSITIVE_INFINITY);
    if (line.status !== 'due' || due === Number.POSITIVE_INFINITY) return [];
    const until = charge[at + 1]?.at_ms ?? now;
    const pages = pagesOf(line.charge_id);
    const late = weather.fair(Math.max(due, line.at_ms), until, channelsOf(line.subscription_id), pages);
    return late > LATE ? [`${nameOf(line)} waited ${minutes(late)} in fair weather though its time had come`] : [];
  });
}

/** Opened, held and given up: each only when, and as, the documents say. */
function hasty(charge: readonly ChargeLine[], { weather }: Lived): readonly string[] {
  const [opened] = charge;
  if (opened === undefined) return [];
  const faults: string[] = [];
  const away = opened.at_ms - opened.due_ms - weather.fair(opened.due_ms, opened.at_ms);
  if (opened.missed && away < HOUR && opened.at_ms - opened.due_ms - away > LATE)
    faults.push(`${nameOf(opened)} is called missed, and somebody was there all the time`);
  if (opened.missed && opened.at_ms - opened.due_ms < MISSED_AFTER - MINUTE)
    faults.push(`${nameOf(opened)} is called missed after ${minutes(opened.at_ms - opened.due_ms)}`);
  if (!opened.missed && opened.status === 'due' && opened.next_ms !== null && opened.next_ms > opened.at_ms + MINUTE)
    faults.push(`${nameOf(opened)} was opened and is to be tried only ${minutes(opened.next_ms - opened.at_ms)} later`);
  for (const [at, line] of charge.entries()) {
    const tried = charge.slice(0, at).findLast(({ status }) => status === 'attempting');
    if (line.status !== 'held' || line.hold_reason !== 'unknown_outcome') continue;
    if (tried === undefined) faults.push(`${nameOf(line)} is held for an outcome, and was never tried`);
    else if (charge[at - 1]?.status === 'attempting' && line.at_ms - tried.at_ms < ASKED - MINUTE)
      faults.push(`${nameOf(line)} is held after ${minutes(line.at_ms - tried.at_ms)} of asking`);
  }
  return faults;
}

/** No request leaves, the first time or once more, after the statement that stops its subscription or all charging. */
async function stubbornness(db: Database): Promise<readonly string[]> {
  const stopped: readonly string[] = ['canceled', 'paused', 'ended'];
  return (await attemptLines(db)).flatMap(({ reference_id: reference, what, subscription, charge, charging }) => {
    if (stopped.includes(subscription)) return [`${reference} was ${what} though its subscription was ${subscription}`];
    if (charging !== 'on') return [`${reference} was ${what} though charging was stopped: ${charging}`];
    return what === 'repeated' && charge !== 'attempting'
      ? [`${reference} was repeated though its charge was ${charge}`]
      : [];
  });
}

function nameOf({ charge_id, plan, cycle }: ChargeLine): string {
  return `charge ${charge_id} (${plan}, cycle ${cycle})`;
}

function minutes(milliseconds: number): string {
  return `${Math.round(milliseconds / MINUTE)} minutes`;
}
