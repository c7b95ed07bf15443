import type { Context } from '../../context.ts';
import { localDate, timeZoneNamed } from '../../domain/calendar/cycle.ts';
import { addInterval } from '../../domain/calendar/interval.ts';
import { currenciesOf, noChannelTakes, offerFaults } from '../../domain/catalog/channels.ts';
import { couponFault } from '../../domain/catalog/coupon.ts';
import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import type { Catalog, Plan, ReturnUrls } from '../../domain/catalog/plan.ts';
import { returnAddressLengthFault } from '../../domain/catalog/web-address.ts';
import { type ItemStanding, setupLine } from '../../domain/charges/parts.ts';
import { customerReferenceFault, subscriptionReferenceFault } from '../../domain/charges/references.ts';
import { MOST_MINOR } from '../../domain/money/money.ts';
import { type AskedTrial, trialOf, trialText } from '../../domain/subscriptions/trial.ts';
import { ownerOf } from '../../infra/tables/subscriptions/new-subscription.ts';
import { type AskedItem, itemOf, TOO_MUCH } from './asked-items.ts';

/** A bad field of the request, in words that follow its name. */
export type Fault = { readonly field: string; readonly message: string };

/** What the request says of them; null: as the plan does. */
export type AskedTerms = {
  readonly plan: string;
  readonly timeZone: string | null;
  readonly returnUrls: { readonly success: string | null; readonly cancel: string | null };
  readonly anchorDate: Temporal.PlainDate | null;
  readonly trial: AskedTrial | null;
  readonly coupon: string | null;
  readonly quantity?: number;
  readonly items?: readonly AskedItem[];
  readonly allowedChannels: readonly string[] | null;
};

/** The names that a request gives; null: none that can be read. */
export type AskedNames = { readonly referenceId: string | null; readonly customerReference: string | null };

/** What is agreed on beside the plan. */
export type Terms = {
  readonly timeZone: string;
  readonly returnUrls: ReturnUrls;
  readonly anchorDate: Temporal.PlainDate | null;
  /** What Xendit's page offers; null: whatever it can save. */
  readonly allowedChannels: readonly string[] | null;
};

/**
 * `catalog`: the one that all of it was judged by; another may be in force before the subscription is stored. The plan costs what so
 * many of it do.
 */
export type Agreed = {
  readonly catalog: Catalog;
  readonly plan: Plan;
  readonly quantity: number;
  readonly terms: Terms;
  /** Lines of its first charge, the set-up fee among them. */
  readonly items: readonly ItemStanding[];
};

/** The plan that is asked for and the terms of this subscription; or every field that keeps it from being made. */
export function termsFor(
  ctx: Context,
  input: AskedTerms,
  now: Temporal.Instant,
): Agreed | { readonly faults: readonly Fault[] } {
  const catalog = ctx.catalog.current;
  const { plans, defaults } = catalog;
  const { quantity = 1 } = input;
  const plan = timesOf(withTrial(plans.get(input.plan), input.trial), quantity);
  // Without a plan the day is told by the zone of all plans: who asked for a wrong one should not have to come twice.
  const named = input.timeZone === null ? null : timeZoneNamed(input.timeZone);
  const timeZone = named ?? plan?.timeZone ?? defaults.timeZone;
  const anchor = anchorFaults(input, plan, timeZone, now);
  if (plan === undefined) return { faults: [{ field: 'plan', message: unknownPlan(ctx, input.plan) }, ...anchor] };
  const success = input.returnUrls.success ?? plan.returnUrls?.success;
  const cancel = input.returnUrls.cancel ?? plan.returnUrls?.cancel;
  const local = ctx.key.mode === 'live' ? localUrls(input.returnUrls) : [];
  const urls = [...urlFaults(success, cancel), ...local];
  const items = itemsFor(plan, input.items ?? []);
  const faults = [...costFaults(plan, input.allowedChannels), ...items.faults, ...urls, ...anchor];
  if (faults.length > 0 || success === undefined || cancel === undefined) return { faults };
  const allowedChannels = input.allowedChannels ?? plan.paymentChannels;
  const { anchorDate } = input;
  const terms = { timeZone, returnUrls: { success, cancel }, anchorDate, allowedChannels };
  return { catalog, plan, quantity, terms, items: items.items };
}

/** Every field of terms and names that keeps a subscription from being made, of a request that is refused for others already. */
export async function faultsOfTerms(ctx: Context, asked: AskedTerms & AskedNames): Promise<readonly Fault[]> {
  const now = await ctx.clock.now();
  const agreed = termsFor(ctx, asked, now);
  const faults = 'faults' in agreed ? agreed.faults : [];
  return [...(await nameFaults(ctx, asked)), ...faults, ...couponFaults(ctx, asked, now)];
}

/** The plan with the trial that was asked for. */
function withTrial(plan: Plan | undefined, trial: AskedTrial | null): Plan | undefined {
  return plan === undefined ? undefined : { ...plan, trial: trialOf(trialText(trial), plan.trial) };
}

/** What keeps a new subscription from taking its coupon; whether uses of it are left is known once one is taken. */
export function couponFaults(
  ctx: Context,
  { coupon, plan: wanted, timeZone, customerReference }: AskedTerms & Pick<AskedNames, 'customerReference'>,
  now: Temporal.Instant,
): readonly Fault[] {
  const { plans, coupons } = ctx.catalog.current;
  const plan = plans.get(wanted);
  if (coupon === null || plan === undefined) return [];
  const zone = (timeZone === null ? null : timeZoneNamed(timeZone)) ?? plan.timeZone;
  const wish = { plan: plan.id, currency: plan.price.currency, customerReference, today: localDate(now, zone) };
  const message = couponFault(coupons, coupon, wish);
  return message === null ? [] : [{ field: 'coupon', message }];
}

/** What keeps names from standing in our books, of a new subscription; a customer that stands there already stays. */
export async function nameFaults(ctx: Context, asked: AskedNames): Promise<readonly Fault[]> {
  const { referenceId, customerReference } = asked;
  const subscription = referenceId === null ? null : subscriptionReferenceFault(referenceId);
  const customer = customerReference === null ? null : await newCustomerFault(ctx, customerReference);
  return [
    ...(subscription === null ? [] : [{ field: 'reference_id', message: subscription }]),
    ...(customer === null ? [] : [{ field: 'customer.reference_id', message: customer }]),
  ];
}

async function newCustomerFault(ctx: Context, reference: string): Promise<string | null> {
  const fault = customerReferenceFault(reference);
  return fault === null || (await ownerOf(ctx.db, 'customer', reference)) !== null ? null : fault;
}

/** The plan at the price of so many. */
function timesOf(plan: Plan | undefined, quantity: number): Plan | undefined {
  if (plan === undefined) return undefined;
  const { minor, currency } = plan.price;
  return { ...plan, price: { minor: minor * BigInt(quantity), currency } };
}

/** What its first charge has as lines beside the plan. */
function itemsFor(
  { setupFee, price }: Plan,
  asked: readonly AskedItem[],
): { readonly items: readonly ItemStanding[]; readonly faults: readonly Fault[] } {
  const read = asked.map((item, index) => itemOf(item, price.currency, `items.${index}.`));
  const items = read.flatMap((item) => ('faults' in item ? [] : [item]));
  return {
    items: setupFee === null ? items : [setupLine(setupFee), ...items],
    faults: read.flatMap((item) => ('faults' in item ? item.faults : [])),
  };
}

function costFaults(plan: Plan, asked: readonly string[] | null): readonly Fault[] {
  if (plan.price.minor > MOST_MINOR) return [{ field: 'quantity', message: TOO_MUCH }];
  return priceFaults(plan, asked);
}

/** What Xendit would not collect: in those channels, or, of a plan that was taken before anybody looked, at all. */
function priceFaults({ country, price, paymentChannels }: Plan, asked: readonly string[] | null): readonly Fault[] {
  if (!currenciesOf(country).includes(price.currency)) {
    const message = `Costs ${price.currency}, and Xendit collects ${currenciesOf(country).join(' and ')} in ${country}: mend the catalog.`;
    return [{ field: 'plan', message }];
  }
  if (asked !== null) return offerFaults('onboarding.allowed_payment_channels', country, asked, price);
  const message = noChannelTakes(country, paymentChannels, price);
  return message === null ? [] : [{ field: 'plan', message: `Its price ${message}.` }];
}

export function unknownPlan(ctx: Context, plan: string): string {
  const known = [...ctx.catalog.current.plans.keys()].slice(0, 20).join(', ');
  const meant = didYouMean(plan, [...ctx.catalog.current.plans.keys()]);
  return `There is no plan ${JSON.stringify(plan)} in the catalog${meant}; there are: ${known}.`;
}

/** Return URLs that lead to the machine of whoever opens them: whoever develops a product is there, and no customer. */
export function localUrls({ success, cancel }: AskedTerms['returnUrls'], within = 'onboarding.'): readonly Fault[] {
  const message = 'leads each customer to their own machine (localhost), where only you have a page to come back to';
  const urls = { success_return_url: success, cancel_return_url: cancel };
  return Object.entries(urls)
    .filter(([, url]) => url !== null && URL.parse(url)?.hostname === 'localhost')
    .map(([field]) => ({ field: `${within}${field}`, message }));
}

function urlFaults(success: string | undefined, cancel: string | undefined): readonly Fault[] {
  return [...urlFault('onboarding.success_return_url', success), ...urlFault('onboarding.cancel_return_url', cancel)];
}

/** One that is too long is the catalog's, which took it before anybody looked: the request's own was read already. */
function urlFault(field: string, url: string | undefined): readonly Fault[] {
  if (url === undefined)
    return [{ field, message: 'Xendit demands a return URL: send it, or set defaults.return_urls in the catalog.' }];
  const fault = returnAddressLengthFault(url);
  return fault === null ? [] : [{ field, message: `Is left to the catalog, whose address ${fault}: send one.` }];
}

/**
 * Until its first charge a subscription is free: it begins within an interval of its plan, or at the end of its trial. Years ahead
 * it would be served for nothing.
 */
function anchorFaults(
  { anchorDate }: AskedTerms,
  plan: Plan | undefined,
  timeZone: string,
  now: Temporal.Instant,
): readonly Fault[] {
  if (anchorDate === null) return [];
  const today = localDate(now, timeZone);
  const fault = (message: string) => [{ field: 'anchor_date', message }];
  if (Temporal.PlainDate.compare(anchorDate, today) < 0)
    return fault(`Must be today (${today.toString()} in ${timeZone}) or later.`);
  const last = plan === undefined ? null : lastAnchor(plan, today);
  if (last === null || Temporal.PlainDate.compare(anchorDate, last) <= 0) return [];
  return fault(
    `Must be ${last.toString()} or earlier: nothing is charged until then, so it may lie one interval of the plan ahead, or ` +
      'its trial. What begins later is created later.',
  );
}

function lastAnchor({ interval, trial }: Plan, today: Temporal.PlainDate): Temporal.PlainDate {
  const afterInterval = addInterval(today, interval, 1);
  const afterTrial = trial === null ? today : addInterval(today, trial, 1);
  return Temporal.PlainDate.compare(afterInterval, afterTrial) > 0 ? afterInterval : afterTrial;
}
