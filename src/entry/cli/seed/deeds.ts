import type { Context } from '../../../context.ts';
import {
  type ByPerson,
  forgiveCharge,
  holdCharge,
  releaseCharge,
  voidCharge,
  writeOffCharge,
} from '../../../flows/charges/change-charge.ts';
import { offerSession } from '../../../flows/paying/offer-session.ts';
import { openPayLink } from '../../../flows/paying/pay-link.ts';
import { cancelSubscription } from '../../../flows/subscriptions/canceling/cancel-subscription.ts';
import { addItem } from '../../../flows/subscriptions/change-items.ts';
import { changeTerms } from '../../../flows/subscriptions/changing/change-terms.ts';
import { grantGrace } from '../../../flows/subscriptions/grant-grace.ts';
import { recordNotice } from '../../../flows/subscriptions/notices/record-notice.ts';
import { pauseSubscription, resumeSubscription } from '../../../flows/subscriptions/pause-subscription.ts';
import { recordConsent } from '../../../flows/subscriptions/record-consent.ts';
import { replaceMethod } from '../../../flows/subscriptions/replace-method.ts';
import { type ChargeView, listCharges } from '../../../flows/views/list-charges.ts';
import type { Deed } from './person.ts';
import { localDay } from './span.ts';

type Act = Deed['act'];

/** Who works at the business: finance, and the admin. */
const FINANCE = 'user:rina';
export const ADMIN = 'user:siti';
const PRODUCT = 'api:product:shop';

const PAY_MINUTES = 60;

type ChargeDeed = (ctx: Context, id: string, by: ByPerson) => Promise<unknown>;

/** Somebody of finance decides about what is in one of these states; where nothing is, there is nothing to decide. */
function decide(states: readonly ChargeView['status'][], deed: ChargeDeed, reason: string, actor = FINANCE): Act {
  return async (ctx, id) => {
    const [owed] = await chargesIn(ctx, id, states);
    if (owed !== undefined) await deed(ctx, owed.id, { actor, reason });
  };
}

async function chargesIn(ctx: Context, id: string, states: readonly ChargeView['status'][]) {
  const { data } = await listCharges(ctx, { subscription: id }, null, 500);
  return data.filter(({ status }) => states.includes(status));
}

export const held = (reason: string): Act => decide(['due'], holdCharge, reason);
export const released = (reason: string): Act => decide(['held'], releaseCharge, reason);
export const voided = (reason: string): Act => decide(['due', 'held', 'uncollectible'], voidCharge, reason);
export const forgiven = (reason: string): Act => decide(['due', 'held', 'uncollectible'], forgiveCharge, reason);
export const writtenOff = (reason: string): Act => decide(['due', 'held'], writeOffCharge, reason, ADMIN);

/** The customer gets a link to pay by hand, presses its button, and pays. */
export const paidByHand: Act = async (ctx, id) => {
  const [owed] = await chargesIn(ctx, id, ['due', 'uncollectible']);
  if (owed === undefined) return;
  await openPayLink(ctx, owed.id, { linkMinutes: null, saves: 'DISABLED', actor: FINANCE });
  const offer = {
    mode: 'PAYMENT_LINK',
    origins: null,
    saves: 'DISABLED',
    minutes: PAY_MINUTES,
    actor: 'customer',
  } as const;
  await offerSession(ctx, owed.id, offer);
};

/** The customer saves another method behind a new link. */
export const anotherMethod: Act = async (ctx, id) => {
  const input = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null, actor: PRODUCT };
  await replaceMethod(ctx, id, input);
};

export function paused(days: number | null, reason: string): Act {
  return async (ctx, id) => {
    const until = days === null ? null : localDay(await ctx.clock.now()).add({ days });
    await pauseSubscription(ctx, id, { until, reason, actor: PRODUCT });
  };
}

export const resumed: Act = async (ctx, id) => void (await resumeSubscription(ctx, id, { actor: PRODUCT }));

export function canceled(at: 'now' | 'period_end', reason: string): Act {
  return async (ctx, id) => void (await cancelSubscription(ctx, id, { at, reason, actor: PRODUCT }));
}

export function changed(body: {
  readonly plan?: string;
  readonly quantity?: number;
  readonly when?: 'period_end';
}): Act {
  return async (ctx, id) => void (await changeTerms(ctx, id, { body, previewed: null, reason: null, actor: PRODUCT }));
}

export function withItem(text: string, amount: number, quantity: number): Act {
  return async (ctx, id) => void (await addItem(ctx, id, { text, amount, quantity }, PRODUCT));
}

export function givenGrace(days: number, reason: string): Act {
  return async (ctx, id) => {
    const until = localDay(await ctx.clock.now()).add({ days });
    await grantGrace(ctx, id, { until, reason, actor: FINANCE });
  };
}

/** The customer is told of the price of the catalog that is in force. */
export const told: Act = async (ctx, id) => {
  const sentAt = await ctx.clock.now();
  const subject = String(ctx.catalog.current.version);
  await recordNotice(ctx, id, {
    kind: 'price_change',
    subject,
    sentAt,
    channel: 'email',
    evidence: null,
    actor: PRODUCT,
  });
};

export function answered(answer: 'given' | 'refused'): Act {
  return async (ctx, id) =>
    void (await recordConsent(ctx, id, { what: 'price', answer, evidence: 'the button of the mail', actor: PRODUCT }));
}
