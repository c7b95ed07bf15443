import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { isBought } from '../../../domain/calendar/coming-cycles.ts';
import type { Place } from '../../../domain/calendar/cycle.ts';
import { toBeCanceled } from '../../../domain/subscriptions/moves.ts';
import { consequence } from '../../../domain/subscriptions/price-notice.ts';
import { placeOf } from '../../../domain/subscriptions/schedule.ts';
import type { Terms } from '../../../domain/subscriptions/terms.ts';
import type { Agreed } from '../../../infra/tables/change/agreed-rows.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ConsentRow } from '../../../infra/tables/schema/consent-columns.ts';
import { newestConsent } from '../../../infra/tables/subscriptions/consents.ts';
import type { Owned } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../../change/record.ts';
import type { AskedPrice } from './followed-terms.ts';

/** Nobody leaves. */
export const FOR_EVER = Number.POSITIVE_INFINITY;

/** The first cycle that is not charged, because its customer did not agree to its price and their plan lets them go; null: there is none. */
function leavesBefore(asked: AskedPrice | null, place: Pick<Place, 'over'>): number | null {
  if (asked?.told?.silence !== 'cancel' || asked.decidedBy === null) return null;
  return isBought(place, { number: asked.decidedBy }) ? asked.decidedBy : null;
}

/** As far as its customer has agreed to a price: no cycle is charged from the one on before which they leave. */
export function untilLeaving(place: Place, asked: AskedPrice | null): Place {
  const leaves = leavesBefore(asked, place);
  return leaves === null ? place : { next: place.next, nextAt: place.nextAt, over: leaves };
}

/**
 * How long a customer stays who is asked about a price: cycles from `stays` on are not opened. Once the cycle has fallen due before which they
 * leave, the subscription is one that is canceled for the end of its period.
 */
export function staying(
  subscription: SubscriptionRow,
  asked: AskedPrice,
  terms: readonly Terms[],
  unpaid: number | null,
): { readonly subscription: SubscriptionRow; readonly stays: number } {
  const leaves = leavesBefore(asked, placeOf(subscription, terms, unpaid ?? 0));
  if (leaves === subscription.nextCycle) return { subscription: leaving(subscription, asked), stays: FOR_EVER };
  return { subscription, stays: leaves ?? FOR_EVER };
}

/** The subscription, canceled for the end of the period that is over, because of a price that was not agreed to. */
function leaving(subscription: SubscriptionRow, { plan, told, answer }: AskedPrice): SubscriptionRow {
  const { version } = ofVersion(told);
  const said = answer?.answer === 'refused' ? 'refused' : 'did not agree in time to';
  const why = `its customer ${said} the price of ${plan.id} in catalog version ${version}, and its plan says silence: cancel`;
  return toBeCanceled(subscription, why);
}

type Silent = { readonly agreed: Agreed; readonly entries: readonly Entry[] };

/**
 * That its customer said nothing until the days of their notice were over and a cycle fell due, once for each price; null: that is not so.
 * `next`: the first cycle that has not fallen due.
 */
export async function silenceBefore(
  ctx: Context,
  dossier: Owned,
  asked: AskedPrice,
  next: number,
  now: Temporal.Instant,
): Promise<Silent | null> {
  if (asked.told === null || asked.answer !== null || asked.decidedBy === null || asked.decidedBy >= next) return null;
  const { subscription } = dossier;
  const { bucket, id: subscriptionId } = subscription;
  const { notice, silence } = asked.told;
  const number = ((await newestConsent(ctx.db, subscription))?.number ?? 0) + 1;
  const evidence = `nothing was written down by ${now.toString()}`;
  const row: ConsentRow = {
    bucket,
    subscriptionId,
    number,
    what: 'price',
    answer: 'silence',
    subject: notice.subject,
    evidence,
    actor: 'schedule',
    answeredAt: now,
  };
  const why = `its customer was told of the price of catalog version ${notice.subject} at ${notice.sentAt.toString()}, and said nothing until cycle ${asked.decidedBy} fell due: ${consequence(silence)}`;
  const detail = canonicalJson({ what: 'price', subject: notice.subject, sent_at: notice.sentAt.toString(), silence });
  const facts = { why, detail, actor: 'schedule' };
  const entry = record(ctx.newId(bucket), now, 'subscription.consent_silence', dossier, facts);
  return { agreed: { consents: [row] }, entries: [entry] };
}

function ofVersion(told: AskedPrice['told']): { readonly version: string } {
  if (told === null) throw new Error('Nobody leaves for a price that they were not told.');
  return { version: told.notice.subject };
}
