import type { DeclineClass } from '../../declines/decline-class.ts';

/*
 * What stands on a screen for a code or a kind: words for people first. A code that has none of its own is told by its class.
 */

const OF_CLASS: Readonly<Record<DeclineClass, string>> = {
  funds: 'not enough money',
  technical: 'it failed on the way',
  soft: 'the bank declined',
  needs_customer: 'its customer has to act',
  token_dead: 'the saved method is over',
  never_again: 'it must not be tried again',
  our_fault: 'our side is at fault',
  throttled: 'Xendit was too busy',
};

const OF_CODE: Readonly<Record<string, string>> = {
  PAYMENT_AMOUNT_LIMITS_EXCEEDED: 'it is above the limit of the method',
  MAX_AMOUNT_LIMIT_ERROR: 'it is above the limit of the method',
  CHANNEL_UNAVAILABLE: 'the channel was not available',
  ISSUER_UNAVAILABLE: 'the bank could not be reached',
  ISSUER_SUSPECT_FRAUD: 'the bank suspects fraud',
  PARTIAL_APPROVAL: 'the bank approved only a part',
  USER_DEVICE_UNREACHABLE: 'the phone was out of reach',
  REQUIRES_ACTION: 'its customer has to confirm it',
  AUTHENTICATION_FAILED: 'its customer did not prove who they are',
  USER_DECLINED_PAYMENT: 'its customer declined it',
  USER_DID_NOT_AUTHORIZE: 'its customer did not confirm it',
  PAYMENT_REQUEST_EXPIRED: 'nobody confirmed it in time',
  PAYMENT_REQUEST_CANCELED: 'it was canceled at Xendit',
  ACCOUNT_ACCESS_BLOCKED: 'the account is blocked',
  ACCOUNT_NOT_ACTIVATED: 'the account is not activated',
  INACTIVE_OR_UNAUTHORIZED_CARD: 'the card is inactive',
  EXPIRED_CARD: 'the card has expired',
  CARD_EXPIRED: 'the card has expired',
  STOLEN_CARD: 'the card is stolen',
  SUSPECTED_FRAUDULENT: 'it is suspected of fraud',
  TRANSACTION_BLOCKED: 'the bank blocked it',
};

/** Why a charge was declined, as a person would say it. */
export function declineWords(code: string | null, of: string | null): string {
  return OF_CODE[code ?? ''] ?? OF_CLASS[of as DeclineClass] ?? 'for a reason that is not known';
}

const HELD: Readonly<Record<string, string>> = {
  unknown_outcome: 'nobody could tell whether an attempt had moved money',
  our_fault: 'our side is at fault',
  missed_cycle: 'its cycle was missed, and the plan asks a person about that',
  throttled: 'Xendit was too busy for it until its time was over',
  window_over: 'its time was over before it could be tried',
  broken: 'it could not be claimed for a day',
  partial_approval: 'a part of its money may be reserved on the card',
  by_hand: 'a person held it',
  channel_stopped: 'its channel was stopped until its time was over',
  disputed: 'a payment of its customer is disputed',
  charge_limit: 'it is more than one charge may be',
  customer_limit: 'its customer would be charged more than they may be on one day',
};

/** What the charges of a class have in common, as a heading. */
export function classWords(of: DeclineClass | null): string {
  const words = of === null ? 'for a reason that is not known' : OF_CLASS[of];
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** Why it waits for a person. */
export function holdWords(reason: string | null): string {
  return HELD[reason ?? ''] ?? 'for a reason that is not known';
}

const DONE: Readonly<Record<string, string>> = {
  paid: 'Paid',
  overpaid: 'Too much came in: a refund is proposed',
  retry: 'Try again',
  wait_for_customer: 'Wait for its customer',
  give_up: 'Give up',
  ask_gateway: 'Ask Xendit what became of it',
  hold: 'Hold it for a person',
  release: 'It does not count: due again',
  void: 'No longer owed',
  nothing: 'Nothing more to do',
};

/** What was decided after an attempt. */
export function decisionWords(kind: string): string {
  return DONE[kind] ?? kind;
}

const HAPPENED: Readonly<Record<string, string>> = {
  'charge.held': 'Held for a person',
  'charge.released': 'Released: it may be tried again',
  'charge.voided': 'Voided: no longer owed',
  'charge.forgiven': 'Forgiven: no longer owed, and it counts as paid',
  'charge.uncollectible': 'Given up',
  'charge.link_opened': 'A link to pay by hand was made',
  'charge.requires_action': 'Its customer was asked to act',
  'payment.overpaid': 'Too much came in',
  'payment.received': 'Money came in elsewhere',
  'refund.requested': 'A refund was asked for',
  'refund.settled': 'A refund was settled',
  'dispute.opened': 'The payment is disputed',
  'dispute.won': 'The dispute was won',
  'dispute.lost': 'The dispute was lost',
  'chargeback.taken': 'The bank took the money back',
  'chargeback.returned': 'The bank gave the money back',
  'token.saved': 'A method was saved',
  'token.ended': 'A saved method ended',
  'token.ranked': 'The methods were ranked anew',
  'token.removed': 'A method was removed',
  'method.expiring': 'A method is about to expire',
  'subscription.past_due': 'The subscription is past due',
  'subscription.active': 'The subscription is active',
  'subscription.stopped': 'The subscription is stopped for a dispute',
  'subscription.released': 'The subscription is charged again',
  'subscription.paused': 'The subscription is paused',
  'subscription.canceled': 'The subscription is canceled',
  'subscription.ended': 'The subscription ended',
  'subscription.changed': 'The subscription was changed',
};

/** Something that happened beside the attempts. */
export function eventWords(kind: string): string {
  const plain = kind.replace('.', ' ').replaceAll('_', ' ');
  return HAPPENED[kind] ?? `${plain.slice(0, 1).toUpperCase()}${plain.slice(1)}`;
}
