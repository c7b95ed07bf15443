import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { partsOf } from '../../domain/charges/parts.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { changesOf } from '../../infra/tables/subscriptions/terms.ts';
import type { ShownChange } from '../subscriptions/changing/preview-change.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { partsView } from './lines-view.ts';
import { major } from './subscription-view.ts';
import { upcomingView } from './upcoming.ts';

/** A change as it would be, in major units. */
export function changePreviewView({ subscription, token, goodUntil, worked, before, after, warnings }: ShownChange) {
  const { currency } = subscription;
  const { sums, change, paidFirst, credit } = worked;
  const days = { currency, periodStart: change.on, periodEnd: change.on };
  return {
    preview_token: token,
    good_until: goodUntil.toString(),
    ...partsView({ ...partsOf(sums), ...days }, ''),
    credit_after: major(credit - sums.creditUsed + sums.givenBack, currency),
    amount: major(sums.amount, currency),
    currency,
    due: dueOf(worked),
    pay_first: sums.amount > 0n ? (paidFirst?.by ?? null) : null,
    before: before.map((charge) => upcomingView(charge, currency)),
    after: after.map((charge) => upcomingView(charge, currency)),
    warnings: [...warnings],
  };
}

function dueOf({ sums, paidFirst }: ShownChange['worked']): 'now' | 'next_cycle' | 'nothing' {
  if (sums.amount === 0n) return 'nothing';
  return paidFirst === null ? 'next_cycle' : 'now';
}

/** What was asked to be changed of a subscription, newest first; null when nobody has it. */
export async function listChanges(ctx: Context, id: string, cursor: string | null, limit: number) {
  const before = readCursor(cursor, ['seq'] as const);
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const place = before === null ? null : Number(before.seq);
  const rows = await changesOf(ctx.db, dossier.subscription, place, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return {
    data: shown.map(changeView),
    next_cursor: isMore ? writeCursor({ seq: String(last.number) }) : null,
  };
}

function changeView(row: ChangeRow) {
  return {
    number: row.number,
    what: row.what,
    when: row.effective,
    state: row.state,
    before: row.before,
    after: row.after,
    charge_id: row.chargeId,
    actor: row.actor,
    reason: row.reason,
    ...(row.why !== null && { why: row.why }),
    asked_at: row.askedAt.toString(),
    closed_at: row.closedAt?.toString() ?? null,
  };
}
