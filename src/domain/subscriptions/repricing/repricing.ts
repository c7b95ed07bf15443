import type { Plan } from '../../catalog/plan.ts';
import { followingOf, isAsSold, isDearer, isSoldAlike } from '../followed-terms.ts';
import type { SubscriptionStatus } from '../subscription.ts';
import type { Terms } from '../terms.ts';

/** The price that a subscription comes to although its plan leaves it at its own: that of the plan in a catalog version. */
export type Repricing = {
  /** Which repricing said so. */
  readonly number: number;
  readonly plan: string;
  readonly version: number;
};

/** `stopped`: by hand, and goes on only by hand. */
export const repricingStates = ['running', 'stopped', 'done'] as const;
export type RepricingState = (typeof repricingStates)[number];

/** `skipped`: it is left as it is; `refused`: it cannot be charged so; `failed`: it could not be worked on, and is set apart until somebody resumes the repricing. */
export const itemStates = ['waiting', 'done', 'skipped', 'refused', 'failed'] as const;
export type ItemState = (typeof itemStates)[number];

/** What becomes of one subscription of a repricing, with its why in words. */
export type ItemVerdict = { readonly state: 'done' | 'skipped' | 'refused'; readonly why: string };

export type ItemFacts = {
  readonly country: string;
  /** What holds for the next cycle, as rules read it. */
  readonly agreed: Terms;
  /** A cycle is charged after the one whose price was agreed to when its method was saved. */
  readonly goesOn: boolean;
  /** The repricing that it was part of before, and whose price it was not charged yet. */
  readonly before: Repricing | null;
  /** The change that lies ahead of it. */
  readonly ahead: { readonly number: number; readonly what: string; readonly state: string } | null;
  /** The plan of its terms in the version that they came from, and in the catalog in force. */
  readonly then: Plan | undefined;
  readonly inForce: Plan | undefined;
  /** The plan as it is repriced. */
  readonly target: Plan;
};

/** The rules of a plan at the price of another version of it, which whoever is repriced follows. */
export function repricedPlan(rules: Plan, { price, interval, country }: Plan): Plan {
  return { ...rules, price, interval, country, priceChange: 'next_cycle' };
}

/** Whether the plan in force moves everybody who has it to another price than this version's by itself: that one holds then. */
export function movesByItself(inForce: Plan | undefined, priced: Plan): boolean {
  return inForce?.priceChange === 'next_cycle' && !isSoldAlike(inForce, priced);
}

/** What becomes of a subscription that runs; `faultOf`: why its method could not be charged so, asked of those alone that are to be moved. */
export function verdictOn(facts: ItemFacts, repricing: Repricing, faultOf: () => string | null): ItemVerdict {
  const left = whyLeft(facts, repricing);
  if (left !== null) return { state: 'skipped', why: left };
  const { target } = facts;
  const { plan, version, number } = repricing;
  if (movesByItself(facts.inForce, target))
    return refused(`the catalog in force says price_change: next_cycle for ${plan}, and another price`);
  switch (following(facts)) {
    case 'currency':
      return refused(
        `it pays ${facts.agreed.currency}, and ${plan} costs ${target.price.currency} in version ${version}`,
      );
    case 'country':
      return refused(`it is of ${facts.country}, and ${plan} is of ${target.country} in version ${version}`);
    case 'own_terms':
      return { state: 'skipped', why: 'its price is its own' };
    case 'as_sold':
      return facts.before === null
        ? { state: 'skipped', why: `it has the price of version ${version} already` }
        : done(`it stays at this price: repricing ${facts.before.number} comes to nothing`);
    default:
  }
  const fault = faultOf();
  return fault === null ? done(whenCharged(facts, number)) : refused(fault);
}

function refused(why: string): ItemVerdict {
  return { state: 'refused', why };
}

function done(why: string): ItemVerdict {
  return { state: 'done', why };
}

function following({ agreed, country, then, target }: ItemFacts) {
  return followingOf(agreed, country, { then, now: target });
}

/** What becomes of a subscription in a state in which no charge of its plan is to come; null: it runs. */
export function leftByStatus(status: SubscriptionStatus): ItemVerdict | null {
  switch (status) {
    case 'canceled':
    case 'ended':
      return { state: 'skipped', why: `it is ${status}` };
    case 'pending':
      return { state: 'skipped', why: 'it is pending: its customer agrees to the price it was created with' };
    case 'paused':
      return { state: 'skipped', why: 'it is paused: reprice it once it is resumed' };
    case 'trialing':
    case 'active':
    case 'past_due':
      return null;
  }
}

/** Why a subscription that runs is left as it is; null: it goes on, and may have another price. */
function whyLeft(facts: ItemFacts, { plan, version }: Repricing): string | null {
  const { agreed, goesOn, ahead, before } = facts;
  if (agreed.plan !== plan) return `it has the plan ${agreed.plan} by now`;
  if (!goesOn) return 'it ends before another charge';
  if (ahead !== null) return aheadText(ahead);
  if (before?.version === version) return `it comes to this price already, by repricing ${before.number}`;
  return followsItself(facts) ? 'it comes to this price by itself: price_change is next_cycle' : null;
}

function aheadText({ number, what, state }: NonNullable<ItemFacts['ahead']>): string {
  const stands = state === 'planned' ? 'is planned' : 'waits for its payment';
  return `change ${number} (${what}) ${stands}: reprice it once that is over`;
}

function followsItself({ agreed, country, then, inForce, target }: ItemFacts): boolean {
  if (inForce === undefined || isAsSold(agreed, target)) return false;
  return isSoldAlike(inForce, target) && followingOf(agreed, country, { then, now: inForce }) === 'follows';
}

/** From when on its price is charged. */
function whenCharged({ agreed, target }: ItemFacts, number: number): string {
  const from = `repricing ${number}: from cycle ${agreed.fromCycle} on`;
  if (target.noticeDays === null || !isDearer(agreed, target)) return from;
  const agreement = target.silence === 'agrees' ? '' : ' and its customer has agreed';
  return `${from}, once ${target.noticeDays} days have passed since its notice was sent${agreement}`;
}
