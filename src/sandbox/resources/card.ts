import { createHash } from 'node:crypto';

export type CardDetails = {
  readonly type: 'CREDIT';
  readonly issuer: string;
  readonly country: string;
  readonly network: string;
  readonly fingerprint: string;
  readonly masked_card_number: string;
  readonly expiry_year: string;
  readonly expiry_month: string;
};

export type CardEntry = { readonly number: string; readonly expiryMonth: number; readonly expiryYear: number };

/** What the issuer does when the card is saved: nothing, ask for a one-time password, or decline. */
export type CardScenario = 'frictionless' | 'challenge' | 'declined';

/** The one-time password of every challenge in the sandbox. Xendit does not publish its own. */
export const OTP = '1234';

/** Offered on the page: Xendit's frictionless Visa (docs/xendit.md 7). */
export const DEFAULT_CARD_NUMBER = '4000000000001000';

/** Xendit's test cards (samples/test-cards-and-amounts.json, docs "cards-simulate-card-scenarios"). */
const TEST_CARDS: Readonly<Record<string, CardScenario>> = {
  '4000000000001000': 'frictionless',
  '5200000000001005': 'frictionless',
  '4440000042200014': 'frictionless',
  '5123456789012346': 'frictionless',
  '378282246310005': 'frictionless',
  '340000000002708': 'frictionless',
  // The two below are listed twice by Xendit, as challenge and as "Failing transaction": they fail with a wrong OTP.
  '4000000000002503': 'challenge',
  '5200000000002151': 'challenge',
  '4440000009900010': 'challenge',
  '5123450000000008': 'challenge',
  '4200350000000801': 'challenge',
  '5413530000000501': 'challenge',
  '3337000000000008': 'challenge',
  '340000000002534': 'challenge',
  '1889800000000171': 'challenge',
};

/** A number that is not one of Xendit's test cards is declined: no real card belongs in here. */
export function cardScenario(number: string): CardScenario {
  return TEST_CARDS[number] ?? 'declined';
}

/** What may be kept of a card. The number itself is forgotten. */
export function cardDetails(card: CardEntry, country: string): CardDetails {
  return {
    type: 'CREDIT',
    issuer: 'SANDBOX BANK',
    country,
    network: cardNetwork(card.number),
    fingerprint: createHash('sha256').update(card.number).digest('hex').slice(0, 24),
    masked_card_number: `${card.number.slice(0, 6)}${'X'.repeat(card.number.length - 10)}${card.number.slice(-4)}`,
    expiry_year: String(card.expiryYear),
    expiry_month: String(card.expiryMonth).padStart(2, '0'),
  };
}

/** The network, from the first digits of the number. */
export function cardNetwork(number: string): string {
  if (/^3[47]/.test(number)) return 'AMEX';
  if (/^35|^3337/.test(number)) return 'JCB';
  if (number.startsWith('4')) return 'VISA';
  if (/^5[1-5]|^2[2-7]/.test(number)) return 'MASTERCARD';
  return number.startsWith('1') ? 'BCA' : 'UNKNOWN';
}

/** The instant from which the card is expired: the first of the next month, UTC. */
export function cardExpiresAt(month: number, year: number): Temporal.Instant {
  const first = new Temporal.PlainDate(year, month, 1).add({ months: 1 });
  return first.toZonedDateTime('UTC').toInstant();
}
