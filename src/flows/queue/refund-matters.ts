import type { Context } from '../../context.ts';
import { momentText } from '../../domain/calendar/moment-text.ts';
import { moneyText } from '../../domain/money/money.ts';
import { MOST_QUESTIONS } from '../../domain/refunds/looks.ts';
import { refundFate, refundWaitsFor } from '../../domain/refunds/shown-refund.ts';
import { chargeDossiers } from '../../infra/tables/charges/charges.ts';
import { refundsWaiting } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { major } from '../views/subscription-view.ts';
import { type Matter, MOST } from './matter.ts';

/** Refunds that wait for a second person, for somebody who has them sent again, or of which Xendit does not tell the end. */
export async function refundMatters(ctx: Context): Promise<readonly Matter[]> {
  const refunds = await refundsWaiting(ctx.db, MOST_QUESTIONS, MOST + 1);
  const dossiers = await chargeDossiers(ctx.db, [...new Set(refunds.map(({ chargeId }) => chargeId))]);
  const places = new Map(
    dossiers.map(({ charge, subscription }) => [
      charge.id,
      `${subscription.referenceId}, ${charge.cycle === null ? 'an extra charge' : `cycle ${charge.cycle}`}`,
    ]),
  );
  const { timeZone } = ctx.catalog.current.defaults;
  return refunds.map((refund) => matterOf(refund, places.get(refund.chargeId) ?? refund.referenceId, timeZone));
}

function matterOf(refund: RefundRow, place: string, zone: string): Matter {
  const waits = refundWaitsFor(refund) ?? 'look';
  const { amount, currency, askedBy, askedAt, note } = refund;
  const sum = moneyText({ minor: amount, currency });
  const at = (moment: Temporal.Instant) => momentText(moment.toString(), zone);
  return {
    kind: 'refund',
    key: `refund ${refund.id}`,
    title: `${TITLES[waits]}: ${place}`,
    path: `/refunds/${refund.id}`,
    story: [`${askedBy} asked for ${sum} to go back on ${at(askedAt)}, because: ${note}.`, refundFate(refund, at)],
    otherwise: OTHERWISE[waits],
    stake: { amount: major(amount, currency), currency },
    since: waits === 'approval' ? askedAt : (refund.approvedAt ?? askedAt),
    decideBy: null,
    cause: waits === 'sending' ? `refund ${refund.failureCode ?? ''}` : null,
    charge: null,
    acts: { of: 'refund', id: refund.id },
  };
}

const TITLES = {
  approval: 'Refund to approve',
  sending: 'Refund that Xendit did not take',
  look: 'Refund without an end',
} as const;

const OTHERWISE = {
  approval: 'Nothing goes back, and nothing else of this payment can, until it is approved or withdrawn.',
  sending: 'It is not sent again, and nothing goes back.',
  look: 'Xendit is asked on, once a day; the customer may not have their money.',
} as const;
