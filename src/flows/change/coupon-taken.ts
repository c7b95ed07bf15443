import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { couponFault, type TakenCoupon, takenCoupon } from '../../domain/catalog/coupon.ts';
import { type CouponUse, hasTaken, type Spent, usesLeft } from '../../infra/tables/catalog/coupon-uses.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import type { Subject } from './record.ts';

type Dossier = { readonly subscription: SubscriptionRow } & Pick<Subject, 'customer'>;

/** A coupon that a change takes: what it promises, and the use that is written with the change that applies it. */
export type Taking = { readonly coupon: TakenCoupon; readonly use: CouponUse };

/** Why a coupon cannot be taken: it is none for this subscription, or no use of it is left. */
export type NotTaken = { readonly fault: string } | { readonly spent: string };

/** The coupon that a subscription would take for a plan on a day; or why it cannot. A subscription takes each coupon once. */
export async function takingOf(
  ctx: Context,
  { subscription, customer }: Dossier,
  { code, plan, on }: { readonly code: string; readonly plan: string; readonly on: Temporal.Instant },
  now: Temporal.Instant,
): Promise<Taking | NotTaken> {
  const { coupons } = ctx.catalog.current;
  const { bucket, id, customerId, currency, timeZone } = subscription;
  const wish = { plan, currency, customerReference: customer.referenceId, today: localDate(on, timeZone) };
  const fault = couponFault(coupons, code, wish);
  const coupon = coupons.get(code);
  if (fault !== null || coupon === undefined) return { fault: fault ?? 'is no coupon of the catalog' };
  if (await hasTaken(ctx.db, code, id)) return { fault: 'was taken by this subscription before' };
  const left = await usesLeft(ctx.db, coupon, customerId);
  if (left !== 'left') return { spent: spentText(code, left) };
  return {
    coupon: takenCoupon(coupon, currency),
    use: { coupon, bucket, subscriptionId: id, customerId, at: now },
  };
}

export function spentText(code: string, left: Spent): string {
  return left === 'spent'
    ? `no use of the coupon ${code} is left`
    : `its customer has taken the coupon ${code} as often as one may`;
}

/** What a planned change takes when it applies; null: nothing. What was asked for on a good day is taken, as long as the catalog has it and a use is left. */
export async function takingOfChange(
  ctx: Context,
  dossier: Dossier,
  { asked, askedAt, after }: ChangeRow,
  now: Temporal.Instant,
): Promise<Taking | NotTaken | null> {
  const { coupon: code } = asked;
  if (typeof code !== 'string' || after === null) return null;
  return await takingOf(ctx, dossier, { code, plan: after.plan, on: askedAt }, now);
}

/** Why a change cannot apply that wants to take a coupon; null: it can. */
export function whyNot(taking: Taking | NotTaken | null, code: unknown): string | null {
  if (taking === null || 'use' in taking) return null;
  return 'spent' in taking ? taking.spent : `the coupon ${String(code)} ${taking.fault}`;
}
