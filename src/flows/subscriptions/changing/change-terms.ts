import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { whyNotTaken } from '../../../infra/tables/catalog/coupon-uses.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { together, withVoided } from '../../change/after-void.ts';
import { agreedLater } from '../../change/agreed-later.ts';
import { type Awaited, awaitedEnds, awaitedOf } from '../../change/changing/awaited-change.ts';
import { spentText } from '../../change/coupon-taken.ts';
import { record } from '../../change/record.ts';
import { replacedChange, withdrawnChange, withoutPlanned } from '../../change/withdrawn-change.ts';
import { type Changed, changeSubscription, type Decided, type Refusal } from '../change-subscription.ts';
import { askedBy, type ChangeBody } from './asked-change.ts';
import { movedSince, type Previewed } from './preview-token.ts';
import { type WorkedOut, workOut } from './worked-out.ts';
import { type By, given, writtenChange } from './written-change.ts';

export type ChangeInput = By & {
  /** What was previewed; null: nothing was, and whatever it comes to is meant. */
  readonly previewed?: Previewed | null;
};

/** Changes the terms of a subscription: at once, with the next period, or from a day on. What was planned before is replaced. */
export async function changeTerms(ctx: Context, id: string, input: ChangeInput): Promise<Changed> {
  return await unlessSpent(input.body.coupon, async () => await changed(ctx, id, input));
}

/** A coupon whose last use another took at the same instant: the statement was refused, and nothing was changed. */
async function unlessSpent(code: string | undefined, change: () => Promise<Changed>): Promise<Changed> {
  try {
    return await change();
  } catch (error) {
    const left = code === undefined ? null : whyNotTaken(error);
    if (code === undefined || left === null) throw error;
    if (left === 'again') return await unlessSpent(code, change);
    return { kind: 'refused', detail: `Nothing was changed: ${spentText(code, left)}.` };
  }
}

async function changed(ctx: Context, id: string, input: ChangeInput): Promise<Changed> {
  return await changeSubscription(ctx, id, 'change', async (dossier, now) => {
    const worked = await workOut(ctx, dossier, askedBy(input.body), now);
    if (!('change' in worked)) return worked;
    const moved = input.previewed == null ? null : movedSince(input.previewed, worked, now);
    if (moved !== null) return { refused: moved };
    const { awaited } = worked;
    if (awaited === null) return writtenChange(ctx, dossier, worked, input, now);
    if (isAsked(awaited, worked, input.body)) return null;
    if (isOnItsWay(awaited)) return { refused: onItsWay(awaited) };
    return await insteadOf(ctx, dossier, awaited, worked, input, now);
  });
}

/** Withdraws the change that waits for its payment, or else the one that is planned: what was agreed before it goes on. */
export async function withdrawChange(ctx: Context, id: string, actor: string): Promise<Changed> {
  return await changeSubscription(ctx, id, 'keep', async (dossier, now): Promise<Decided | Refusal> => {
    const awaited = await awaitedOf(ctx, dossier.subscription);
    if (awaited === null) return await withoutThePlanned(ctx, dossier, actor, now);
    if (isOnItsWay(awaited)) return { refused: onItsWay(awaited) };
    const ended = await withdrawn(ctx, dossier, awaited, { why: WITHDRAWN, actor }, now);
    return { ...ended, entries: [...ended.entries, withdrawnEntry(ctx, dossier, awaited.change, actor, now)] };
  });
}

const WITHDRAWN = 'it was withdrawn';

async function withoutThePlanned(
  ctx: Context,
  dossier: SubscriptionDossier,
  actor: string,
  now: Temporal.Instant,
): Promise<Decided | Refusal> {
  const { subscription } = dossier;
  const { later, planned } = await agreedLater(ctx, subscription);
  if (planned === null)
    return { refused: `The subscription is ${subscription.status}, and no change of it is planned.` };
  return {
    seen: subscription,
    subscription: withoutPlanned(subscription, later, now),
    agreed: withdrawnChange(planned, WITHDRAWN, now),
    entries: [withdrawnEntry(ctx, dossier, planned, actor, now)],
  };
}

function withdrawnEntry(
  ctx: Context,
  dossier: SubscriptionDossier,
  { number, what, before, after, bucket }: Awaited['change'],
  actor: string,
  now: Temporal.Instant,
) {
  const facts = { actor, why: WITHDRAWN, detail: canonicalJson({ number, what, before, after }) };
  return record(ctx.newId(bucket), now, 'subscription.change_withdrawn', dossier, facts);
}

/** The same change waits already, and for the same sum: whoever asks twice is asked for one payment. */
function isAsked({ change, charge }: Awaited, { paidFirst, change: { on } }: WorkedOut, body: ChangeBody): boolean {
  const isSame = canonicalJson(change.asked) === canonicalJson(given(body));
  return isSame && paidFirst?.sums.amount === charge.amount && on.equals(charge.periodStart);
}

/** Whether the saved method is being charged for it, and nobody knows yet how that ends. */
function isOnItsWay({ charge }: Awaited): boolean {
  return charge.status === 'attempting';
}

function onItsWay({ change, charge }: Awaited): string {
  return `Change ${change.number} waits for its payment, and nobody knows yet how that ends (charge ${charge.id}). Try again once it is known.`;
}

/** The change that waited gives its credit back before the new one uses any. */
async function insteadOf(
  ctx: Context,
  dossier: SubscriptionDossier,
  awaited: Awaited,
  worked: WorkedOut,
  input: By,
  now: Temporal.Instant,
): Promise<Decided> {
  const { subscription } = dossier;
  const why = `change ${subscription.changes + 1} replaced it`;
  const ended = await withdrawn(ctx, dossier, awaited, { why, actor: input.actor }, now);
  const without = { ...dossier, subscription: { ...subscription, ...ended.subscription } };
  const written = writtenChange(ctx, without, worked, input, now);
  return { ...written, ...together(ended, written), replaces: replacedChange(awaited.change) };
}

/** Nothing is asked any more for the change that waited. */
async function withdrawn(
  ctx: Context,
  dossier: SubscriptionDossier,
  awaited: Awaited,
  by: { readonly why: string; readonly actor: string },
  now: Temporal.Instant,
): Promise<Change> {
  const { changes, charges, entries } = awaitedEnds(ctx, dossier, awaited, by, now);
  const change = { seen: dossier.subscription, agreed: { changes }, charges, entries };
  return await withVoided(ctx, dossier, change, charges, { at: now, actor: by.actor });
}
