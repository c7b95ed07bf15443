import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { nextTermsAfter } from '../../../domain/subscriptions/terms.ts';
import type { ChangeTime } from '../../../domain/subscriptions/terms-change.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { NewChangeRow, NewTermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { agreedLater } from '../../change/agreed-later.ts';
import { appliedTerms } from '../../change/applied-terms.ts';
import { newTermsRows } from '../../change/created-terms.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { replacedChange, withdrawnChange, withoutPlanned } from '../../change/withdrawn-change.ts';
import { type Changed, changeSubscription, type Decided, type Refusal } from '../change-subscription.ts';
import { type AskedChange, askedBy, type ChangeBody } from './asked-change.ts';
import { movedSince, type Previewed } from './preview-token.ts';
import { type WorkedOut, workOut } from './worked-out.ts';

export type ChangeInput = {
  readonly body: ChangeBody;
  readonly reason: string | null;
  readonly actor: string;
  /** What was previewed; null: nothing was, and whatever it comes to is meant. */
  readonly previewed?: Previewed | null;
};

/** Changes the terms of a subscription: at once, with the next period, or from a day on. What was planned before is replaced. */
export async function changeTerms(ctx: Context, id: string, input: ChangeInput): Promise<Changed> {
  return await changeSubscription(ctx, id, 'change', async (dossier, now) => {
    const worked = await workOut(ctx, dossier, askedBy(input.body), now);
    if (!('change' in worked)) return worked;
    const moved = input.previewed == null ? null : movedSince(input.previewed, worked, now);
    return moved === null ? changeOf(ctx, dossier, worked, input, now) : { refused: moved };
  });
}

/** Withdraws the change that is planned: what was agreed before it goes on. */
export async function withdrawChange(ctx: Context, id: string, actor: string): Promise<Changed> {
  return await changeSubscription(ctx, id, 'keep', async (dossier, now): Promise<Decided | Refusal> => {
    const { subscription } = dossier;
    const { later, planned } = await agreedLater(ctx, subscription);
    if (planned === null)
      return { refused: `The subscription is ${subscription.status}, and no change of it is planned.` };
    const { number, what, before, after } = planned;
    const facts = { actor, why: 'it was withdrawn', detail: canonicalJson({ number, what, before, after }) };
    const withdrawn = withdrawnChange(planned, 'it was withdrawn', now);
    return {
      seen: subscription,
      subscription: withoutPlanned(subscription, later, now),
      agreed: withdrawn,
      entries: [record(ctx.newId(subscription.bucket), now, 'subscription.change_withdrawn', dossier, facts)],
    };
  });
}

/** All that a change writes. */
export function changeOf(
  ctx: Context,
  dossier: SubscriptionDossier,
  worked: WorkedOut,
  input: ChangeInput,
  now: Temporal.Instant,
): Decided {
  const { subscription } = dossier;
  const { change, replaces } = worked;
  const isNow = change.applies === 'now';
  const rows = newTermsRows(subscription, [change.terms], 'changed', input.actor, now);
  const asked = askedRow(subscription, worked, rows.at(-1)?.number ?? null, input, now);
  const applied = isNow ? appliedNow(ctx, dossier, worked, asked, input, now) : null;
  const replaced = replaces === null ? {} : withdrawnChange(replaces, `change ${asked.number} replaced it`, now);
  return {
    seen: subscription,
    subscription: {
      ...applied?.subscription,
      ...(subscription.cancelsAtPeriodEnd && { cancelsAtPeriodEnd: false, reason: null }),
      nextCycleAt: change.nextCycleAt,
      nextTermsFrom: nextTermsFrom(subscription, worked, rows),
      terms: rows.at(-1)?.number ?? subscription.terms,
      changes: asked.number,
    },
    ...(applied !== null && applied.addedItems.length > 0 && { addedItems: applied.addedItems }),
    agreed: { terms: rows, asked: [asked], ...replaced },
    ...(replaces !== null && { replaces: replacedChange(replaces) }),
    entries: [
      ...(subscription.cancelsAtPeriodEnd ? [keptEntry(ctx, dossier, asked, now)] : []),
      ...(applied?.entries ?? []),
      ...(isNow ? [] : [plannedEntry(ctx, dossier, asked, input, now)]),
    ],
  };
}

function appliedNow(
  ctx: Context,
  dossier: SubscriptionDossier,
  { what, change, lines, sums }: WorkedOut,
  { number, before, after }: NewChangeRow,
  { actor, reason }: ChangeInput,
  now: Temporal.Instant,
) {
  if (before === null || after === null) throw new Error(`Change ${number} has no terms.`);
  const applied = { number, what, before, after, terms: change.terms, lines, sums, actor, why: reason };
  return appliedTerms(ctx, dossier, applied, now);
}

function askedRow(
  { bucket, id, changes }: SubscriptionRow,
  { what, change }: WorkedOut,
  termsNumber: number | null,
  { body, reason, actor }: ChangeInput,
  now: Temporal.Instant,
): NewChangeRow {
  const { applies, before, terms } = change;
  const isNow = applies === 'now';
  return {
    bucket,
    subscriptionId: id,
    number: changes + 1,
    what,
    effective: timeOf(askedBy(body)),
    state: isNow ? 'applied' : 'planned',
    asked: given(body),
    before: termsText(before),
    after: termsText(terms),
    appliesAt: typeof applies === 'string' ? null : applies,
    termsNumber,
    chargeId: null,
    actor,
    reason,
    askedAt: now,
    closedAt: isNow ? now : null,
    why: null,
  };
}

/** The fields of a request that it has. */
function given(body: ChangeBody): NewChangeRow['asked'] {
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function timeOf({ when }: AskedChange): ChangeTime {
  return typeof when === 'string' ? when : 'date';
}

/** From which cycle on the row of the subscription is no copy of its terms: where the new ones are planned, or have another rhythm. */
function nextTermsFrom(
  subscription: SubscriptionRow,
  { change, later }: WorkedOut,
  rows: readonly NewTermsRow[],
): number | null {
  const { terms, applies } = change;
  const { anchor, anchorCycle, intervalCount, intervalUnit } = subscription;
  const isMoved =
    anchor === null ||
    !terms.anchor.equals(anchor) ||
    terms.anchorCycle !== anchorCycle ||
    terms.intervalCount !== intervalCount ||
    terms.intervalUnit !== intervalUnit;
  const isAhead = applies !== 'now' || isMoved || later.length > 0;
  return isAhead ? nextTermsAfter([...later, ...rows.slice(-1)], -1) : null;
}

/** The cancellation that was planned is over: the later of the two wins. */
function keptEntry(
  ctx: Context,
  dossier: SubscriptionDossier,
  { number, bucket, actor }: NewChangeRow,
  now: Temporal.Instant,
): Entry {
  const why = `change ${number} takes the place of the cancellation that was planned`;
  return record(ctx.newId(bucket), now, 'subscription.cancel_withdrawn', dossier, { actor, why });
}

function plannedEntry(
  ctx: Context,
  dossier: SubscriptionDossier,
  { number, what, before, after, effective, bucket }: NewChangeRow,
  { actor, reason }: ChangeInput,
  now: Temporal.Instant,
): Entry {
  const detail = canonicalJson({ number, what, when: effective, before, after });
  return record(ctx.newId(bucket), now, 'subscription.change_planned', dossier, { actor, why: reason, detail });
}
