import type { Currency } from './money.ts';

export type Country = 'ID' | 'PH' | 'VN' | 'TH' | 'SG' | 'MY';
export const COUNTRIES: readonly Country[] = ['ID', 'PH', 'VN', 'TH', 'SG', 'MY'];

type Category = 'CARDS' | 'EWALLET' | 'DIRECT_DEBIT';

export type Channel = {
  readonly code: string;
  readonly label: string;
  readonly category: Category;
  /** Days that a token lives. Unset: as long as the card, or nothing documented. */
  readonly tokenLivesDays?: number;
  readonly refund: 'partial' | 'full' | 'none';
};

const cards: Channel = { code: 'CARDS', label: 'Credit or debit card', category: 'CARDS', refund: 'partial' };

function wallet(code: string, label: string, tokenLivesDays?: number): Channel {
  const channel: Channel = { code, label, category: 'EWALLET', refund: 'partial' };
  return tokenLivesDays === undefined ? channel : { ...channel, tokenLivesDays };
}

function debit(code: string, label: string, refund: Channel['refund'], tokenLivesDays?: number): Channel {
  const channel: Channel = { code, label, category: 'DIRECT_DEBIT', refund };
  return tokenLivesDays === undefined ? channel : { ...channel, tokenLivesDays };
}

const YEAR = 365;

/** The channels whose token can be charged without the customer, by country (api-facts 9.2). */
const CHANNELS: Record<Country, readonly Channel[]> = {
  ID: [
    cards,
    debit('BRI_DIRECT_DEBIT', 'BRI Direct Debit', 'full'),
    wallet('DANA', 'DANA', 10 * YEAR),
    wallet('GOPAY_RECURRING', 'GoPay'),
    wallet('OVO', 'OVO'),
    wallet('SHOPEEPAY', 'ShopeePay', 5 * YEAR),
  ],
  MY: [
    cards,
    wallet('GRABPAY', 'GrabPay', 10 * YEAR),
    wallet('SHOPEEPAY', 'ShopeePay', 5 * YEAR),
    wallet('TOUCHNGO', "Touch 'n Go"),
  ],
  PH: [
    cards,
    debit('BPI_RECURRING', 'BPI', 'partial', 91),
    wallet('GRABPAY', 'GrabPay', 10 * YEAR),
    wallet('PAYMAYA', 'Maya'),
    wallet('SHOPEEPAY', 'ShopeePay', 5 * YEAR),
    debit('UBP_EADA', 'UnionBank', 'partial', YEAR),
  ],
  TH: [
    cards,
    debit('BBL_DIRECT_DEBIT', 'Bangkok Bank', 'none'),
    debit('KRUNGSRI_DIRECT_DEBIT', 'Krungsri', 'none'),
    debit('KTB_DIRECT_DEBIT', 'Krungthai', 'none'),
    debit('SCB_DIRECT_DEBIT', 'SCB', 'none'),
  ],
  VN: [cards],
  SG: [cards],
};

const HOME_CURRENCY: Record<Country, Currency> = { ID: 'IDR', PH: 'PHP', VN: 'VND', TH: 'THB', SG: 'SGD', MY: 'MYR' };

/** What a customer of the country may save, narrowed to the allowed codes if there are any. */
export function channelsFor(country: Country, allowed?: readonly string[]): readonly Channel[] {
  const all = CHANNELS[country];
  return allowed === undefined || allowed.length === 0 ? all : all.filter((channel) => allowed.includes(channel.code));
}

/** The channel, if the country has it. */
export function findChannel(country: Country, code: string): Channel | undefined {
  return CHANNELS[country].find((channel) => channel.code === code);
}

/** The country's own currency, or USD. That another is refused is INFERRED (api-facts 4.2, "mismatched currency"). */
export function usesCurrency(country: Country, currency: Currency): boolean {
  return currency === 'USD' || HOME_CURRENCY[country] === currency;
}
