import type { HoldReason } from './decision.ts';
import type { DeclineClass } from './decline-class.ts';

/** What a code means: a class, and where a class by itself would do too much or too little, what is done instead. */
export type Treatment = {
  readonly class: DeclineClass;
  /** Retries on the ladder for this reason; left out: as many as the class has. */
  readonly tries?: number;
  /** When these are spent the charge is not given up, but waits for its customer. */
  readonly then?: 'needs_customer';
  /** The retry is made this many days later, whatever the ladder says. */
  readonly inDays?: number;
  /** The retry is made at another time of day than the charge hour. */
  readonly anotherHour?: true;
  /** Nothing is tried: a person looks first. */
  readonly hold?: HoldReason;
  /** The admin is told once the customer is waited for: the cause may be the price or the account. */
  readonly tell?: true;
  /** In words, for the people who read the decision. */
  readonly why?: string;
};

export const funds: Treatment = { class: 'funds' };
export const technical: Treatment = { class: 'technical' };
export const soft: Treatment = { class: 'soft' };
export const tokenDead: Treatment = { class: 'token_dead' };
export const neverAgain: Treatment = { class: 'never_again' };
export const ourFault: Treatment = { class: 'our_fault' };
export const throttled: Treatment = { class: 'throttled' };

/** Only the customer can change it. */
export function askCustomer(why?: string): Treatment {
  return { class: 'needs_customer', ...(why !== undefined && { why }) };
}

/** Most likely only the customer can change it, but the method may be good: one more try, then they are waited for. */
function onceThenAskCustomer(why: string): Treatment {
  return { class: 'needs_customer', tries: 1, why };
}

/** The issuer may think better of it: one more try, and no second. The method lives, and its customer is waited for. */
export function onceMore(why: string): Treatment {
  return { class: 'soft', tries: 1, then: 'needs_customer', why };
}

export const wrongCvn = onceThenAskCustomer(
  'the issuer refuses the security code, which a saved card is charged without',
);
export const cardInactive = onceThenAskCustomer(
  'the card is not active or not allowed for this, which only its holder can change',
);
const aboutPin = 'the issuer speaks of a PIN, which no charge of a saved card has';
export const wrongPin = onceMore(aboutPin);
export const invalidPin = onceThenAskCustomer(aboutPin);
export const suspected = onceMore('the issuer suspects fraud, and asking often confirms it');
export const callIssuer = onceMore('the issuer wants to speak with the cardholder');
export const notForThis = onceMore('the card or its account is not allowed for this kind of payment');
export const overLimit: Treatment = {
  class: 'funds',
  tries: 1,
  inDays: 1,
  then: 'needs_customer',
  tell: true,
  why: 'the amount is over a limit of the customer or the channel, which may be one for a day',
};
export const partial: Treatment = {
  class: 'soft',
  hold: 'partial_approval',
  why: 'part of the amount was approved and may be reserved on the card: another try would reserve the whole beside it',
};
export const canceledThere: Treatment = {
  class: 'needs_customer',
  hold: 'by_hand',
  why: 'it was canceled at Xendit, by somebody else than dueday as far as it knows',
};

export const nobodyLooked: Treatment = {
  class: 'needs_customer',
  tries: 2,
  anotherHour: true,
  why: 'nobody confirmed it in time: the customer may have been away from the phone at that hour',
};
