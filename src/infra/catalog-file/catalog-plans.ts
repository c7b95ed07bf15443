import type { CardTerms, Defaults, DunningPolicy, Plan } from '../../domain/catalog/plan.ts';
import { GRACE_DAYS } from '../../domain/catalog/plan.ts';
import type { GiveUp } from '../../domain/declines/decision.ts';
import { defaultNetworkLimits, type NetworkLimit } from '../../domain/declines/network-limits.ts';
import { type Currency, type Money, parseMajor } from '../../domain/money/money.ts';
import type { Amounts, SpendingLimits } from '../../domain/money/spending-limits.ts';
import type { Tax } from '../../domain/money/taxes.ts';
import type { CatalogFields } from './catalog-schema.ts';

type PlanFields = CatalogFields['plans'][string];

const CHARGE_AT = '09:00';
const MISSED_AFTER_HOURS = 24;
const MANDATE_YEARS = 10;

/** Policies that every catalog has, unless it defines its own under the same name (as in catalog.yaml). */
export const builtInPolicies: ReadonlyMap<string, DunningPolicy> = new Map([
  ['standard', policy('standard', [1, 3, 5, 7], 28, 'cancel')],
]);

/** The rules for all plans, with what the file leaves out filled in. */
export function defaultsFrom({ defaults }: CatalogFields): Defaults {
  return {
    timeZone: defaults.time_zone,
    missedAfterHours: defaults.missed_after ?? MISSED_AFTER_HOURS,
    mandateYears: defaults.mandate_years ?? MANDATE_YEARS,
    linkMinutes: defaults.link_valid_for ?? null,
    declines: defaults.declines ?? {},
    limits: spendingFrom(defaults.limits),
    fourEyes: amountsFrom(defaults.refunds?.four_eyes),
    customerUrl: defaults.customer_url ?? null,
    networkLimits: limitsFrom(defaults.network_limits ?? []),
    cards: cardsFrom(defaults.cards),
    paymentChannels: defaults.payment_channels ?? {},
    quietDays: defaults.quiet_days ?? {},
    paydaySlots: defaults.payday_slots ?? {},
  };
}

/** What a plan says of cards goes before what the defaults say, field by field. */
function cardsFrom(...said: readonly CatalogFields['defaults']['cards'][]): CardTerms {
  const fields = Object.assign({}, ...said.toReversed()) as NonNullable<CatalogFields['defaults']['cards']>;
  return {
    transactionSequence: fields.transaction_sequence ?? true,
    returnUrls: fields.return_urls ?? true,
    channelCode: fields.channel_code ?? false,
    skipThreeDs: fields.skip_three_ds ?? null,
    statementDescriptor: fields.statement_descriptor ?? null,
    midLabel: fields.mid_label ?? null,
  };
}

/** A network that the file names has the limits of the file; the others keep theirs, so that '*' is never left open. */
function limitsFrom(given: NonNullable<CatalogFields['defaults']['network_limits']>): readonly NetworkLimit[] {
  const own = given.map(({ network, reattempts, window }) => ({ network, reattempts, windowHours: window }));
  const named = new Set(own.map(({ network }) => network));
  return [...own, ...defaultNetworkLimits.filter(({ network }) => !named.has(network))];
}

function spendingFrom(given: CatalogFields['defaults']['limits']): SpendingLimits {
  return {
    perCharge: amountsFrom(given?.per_charge),
    perCustomerPerDay: amountsFrom(given?.per_customer_per_day),
    perDay: amountsFrom(given?.per_day),
  };
}

export function amountsFrom(given: Readonly<Partial<Record<Currency, number | string>>> = {}): Amounts {
  const pairs = Object.entries(given) as readonly [Currency, number | string][];
  return Object.fromEntries(pairs.map(([currency, amount]) => [currency, priceFrom({ amount, currency }).minor]));
}

/** The plans by id, each complete. The fields have passed the schema and the cross checks: a throw here is a bug. */
export function plansFrom(fields: CatalogFields): ReadonlyMap<string, Plan> {
  const policies = new Map([...builtInPolicies, ...Object.entries(fields.dunning ?? {}).map(policyFrom)]);
  return new Map(Object.entries(fields.plans).map(([id, plan]) => [id, planFrom(id, plan, fields, policies)]));
}

function policyFrom([name, fields]: [string, NonNullable<CatalogFields['dunning']>[string]]) {
  return [name, policy(name, fields.retry_after, fields.window, fields.then)] as const;
}

function policy(name: string, retryAfterDays: readonly number[], windowDays: number, then: GiveUp): DunningPolicy {
  return { name, retryAfterDays, windowDays, then }; // oxlint-disable-line unicorn/no-thenable
}

function planFrom(
  id: string,
  plan: PlanFields,
  { defaults, taxes = {} }: CatalogFields,
  policies: ReadonlyMap<string, DunningPolicy>,
): Plan {
  const [tax] = plan.taxes ?? defaults.taxes ?? [];
  const country = known(plan.country ?? defaults.country, `country of ${id}`);
  return {
    id,
    name: plan.name,
    price: priceFrom(plan.price),
    setupFee: plan.setup_fee === undefined ? null : priceFrom(plan.setup_fee),
    tax: tax === undefined ? null : taxFrom(known(taxes[tax], `tax of ${id}`)),
    interval: plan.interval,
    trial: plan.trial ?? null,
    trialOnce: plan.trial_once ?? false,
    endsAfter: plan.ends_after ?? null,
    unpaidCycles: plan.unpaid_cycles ?? 'count',
    dunning: known(policies.get(plan.dunning ?? defaults.dunning ?? 'standard'), `policy of ${id}`),
    missedCycles: plan.missed_cycles ?? 'latest',
    graceDays: plan.access?.grace ?? GRACE_DAYS,
    // Left out, nobody who agreed to one price is charged another.
    priceChange: plan.price_change ?? 'new_only',
    noticeDays: plan.notice?.before ?? null,
    silence: plan.notice?.consent === 'opt_in' ? (plan.notice.silence ?? 'old_price') : 'agrees',
    changes: plan.changes ?? 'next_cycle',
    firstCharge: plan.first_charge ?? 'after_saving',
    onDispute: plan.on_dispute ?? 'stop',
    country,
    timeZone: plan.time_zone ?? defaults.time_zone,
    chargeAt: plan.charge_at ?? defaults.charge_at ?? CHARGE_AT,
    returnUrls: plan.return_urls ?? defaults.return_urls ?? null,
    paymentChannels: plan.payment_channels ?? defaults.payment_channels?.[country] ?? null,
    cards: cardsFrom(plan.cards, defaults.cards),
  };
}

function taxFrom({ name, included, rates }: NonNullable<CatalogFields['taxes']>[string]): Tax {
  return { name, included, rates: rates.map(({ of = null, ...rate }) => ({ ...rate, of })) };
}

function priceFrom({ amount, currency }: PlanFields['price']): Money {
  const price = parseMajor(amount, currency);
  if ('fault' in price) throw new Error(`The amount ${amount} ${currency} passed the checks, but ${price.fault}`);
  return price;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The ${what} passed the checks, but is missing`);
  return value;
}
