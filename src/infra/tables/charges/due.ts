import { OPEN_ACTION } from '../../../domain/charges/action.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { alongside, type Groups, within } from '../../database/buckets.ts';
import { type Sql, sql } from '../../database/sql.ts';
import type { Permit } from '../control/binding.ts';

/* Conditions on a charge, which a statement calls `c`. */

/** Where charges are looked for: the groups of the database, and buckets of them. */
export type Where = { readonly groups: Groups; readonly buckets: readonly number[] };

/**
 * Charges whose time for an attempt has come. Do not add `status = 'due'` here: a CHECK implies it
 * (charges_only_due_is_scheduled), but the planner would take it for a second, narrow filter, choose another plan, and read
 * and sort everything that is due with each look.
 */
export const isDue = (buckets: readonly number[], now: Temporal.Instant): Sql =>
  sql`${within('c', buckets)} and c.next_attempt_at <= ${now.toString()}::timestamptz`;

/**
 * Charges whose money is this account's. That of the merchant's own is no text greater than the empty one: said with `=`, the planner
 * would take it for a narrow filter, and read and sort everything that is due (see `isDue`). A sub-account's charges are found by
 * an index of their own (charges_open_of_account).
 */
export const isOf = (account: string): Sql =>
  account === OWN_ACCOUNT ? sql`(c.account > '') is not true` : sql`c.account = ${account} and c.account <> ''`;

/** Off the queue until its channel goes on; a probe may send it meanwhile. */
export const isWaiting = (buckets: readonly number[]): Sql =>
  sql`${within('c', buckets)} and c.waits_for is not null and c.status = 'due'`;

/** An attempt, called `a`, through a session in which its customer may pay, or may have paid, and nobody knows it. */
const isOpenSession = sql`(a.via = 'session' and (a.outcome is null or a.outcome in ('pending', 'unknown')))`;

/**
 * An earlier attempt has to end at Xendit first, since the customer could pay both: one that waits for its customer
 * (close-actions.ts), or a session to pay in. Asked of the attempts: a charge forgets its last failure where a channel was at
 * fault, and the action is open all the same.
 */
export const isToClose = ({ groups, buckets }: Where): Sql => sql`(c.attempts > 0 and exists (select
    from attempts a where a.bucket = c.bucket and ${alongside(groups, 'a', buckets)} and a.charge_id = c.id
      and (a.failure_code = ${OPEN_ACTION} and a.action_closed_at is null or ${isOpenSession})))`;

/** Its customer is at it: whatever waits for them goes on waiting. */
export const isBeingPaid = ({ groups, buckets }: Where): Sql => sql`(c.attempts > 0 and exists (select
    from attempts a where a.bucket = c.bucket and ${alongside(groups, 'a', buckets)} and a.charge_id = c.id and ${isOpenSession}))`;

/** Since when charges are asked about before they are tried: all of them, and those that cannot be sent twice. */
export type AskedFirst = Pick<Permit, 'askSince' | 'runSince'>;

/** An attempt of it may have been lost with its row, and Xendit has not said since that it knows none. */
export function isToAsk({ askSince, runSince }: AskedFirst, where: Where): Sql {
  const parts = [
    ...(askSince === null ? [] : [isOwed(where, askSince, sql``)]),
    // Xendit refuses a second card request of one reference, and the refusal leads to the payment that there is; but not to one by hand.
    ...(runSince === null ? [] : [isOwed(where, runSince, sql`and (t.channel_code <> 'CARDS' or ${hasLink(where)})`)]),
  ];
  return parts.length === 0 ? sql`false` : sql`(${sql.join(parts, ' or ')})`;
}

/** Its customer may have been paying it by hand. */
const hasLink = ({ groups, buckets }: Where): Sql =>
  sql`exists (select from pay_links l where l.bucket = c.bucket and ${alongside(groups, 'l', buckets)} and l.charge_id = c.id)`;

/** It fell due, or was asked about, before rows may have been lost; of a second activation it counts as asked about from the start. */
const isOwed = (where: Where, since: Temporal.Instant, channel: Sql): Sql =>
  sql`(coalesce(c.asked_at, c.due_at) <= ${since.toString()}::timestamptz
    and exists (select ${itsToken(where)} ${channel}))`;

/** It goes over none of these channels; nothing is said where there are none. */
export const isOverNone = (channels: readonly string[], where: Where): Sql =>
  channels.length === 0
    ? sql`true`
    : sql`not exists (select ${itsToken(where)} and t.channel_code = any(${channels}::text[]))`;

/** The rest of a select: the token that the charge would be made with. */
const itsToken = ({ groups, buckets }: Where): Sql =>
  sql`from subscriptions s
      join tokens t on t.bucket = s.bucket and t.id = s.token_id and ${alongside(groups, 't', buckets)}
    where s.bucket = c.bucket and ${alongside(groups, 's', buckets)} and s.id = c.subscription_id`;
