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
  /** What one payment may be, in major units of the country's currency. */
  readonly limits: Limits;
  /** Seconds for which its provider keeps a payment open that its customer has not confirmed. Unset: nothing documented. */
  readonly confirmSeconds?: number;
  /** A saved method is not charged without its customer's approval. */
  readonly asksEachTime?: true;
};

type Limits = readonly [least: number, greatest: number | undefined];

function card(...limits: Limits): Channel {
  return { code: 'CARDS', label: 'Credit or debit card', category: 'CARDS', refund: 'partial', limits };
}

function wallet(code: string, label: string, limits: Limits, tokenLivesDays?: number): Channel {
  const confirmSeconds = CONFIRM_SECONDS[code];
  const open = confirmSeconds === undefined ? {} : { confirmSeconds };
  const channel: Channel = { code, label, category: 'EWALLET', refund: 'partial', limits, ...open };
  return tokenLivesDays === undefined ? channel : { ...channel, tokenLivesDays };
}

function debit(
  code: string,
  label: string,
  refund: Channel['refund'],
  limits: Limits,
  tokenLivesDays?: number,
): Channel {
  const channel: Channel = { code, label, category: 'DIRECT_DEBIT', refund, limits };
  return tokenLivesDays === undefined ? channel : { ...channel, tokenLivesDays };
}

const asking = (channel: Channel): Channel => ({ ...channel, asksEachTime: true });

/** What the pages of these channels say, April 2026: OVO 0.015 hours, ShopeePay, GrabPay and Maya 0.25, GoPay 0.5, DANA 24. */
const CONFIRM_SECONDS: Readonly<Record<string, number>> = {
  OVO: 54,
  SHOPEEPAY: 900,
  GRABPAY: 900,
  PAYMAYA: 900,
  GOPAY_RECURRING: 1_800,
  DANA: 86_400,
};

const YEAR = 365;
const THAI: Limits = [20, 700_000];

/**
 * The channels in which a method can be saved, by country, with what one payment may be (docs
 * "available-payment-channels", April 2026; Singapore by the pages of cards). Of Vietnam's cards the page and the test
 * amounts contradict each other: no greatest.
 */
const CHANNELS: Record<Country, readonly Channel[]> = {
  ID: [
    card(5_000, 200_000_000),
    debit('BRI_DIRECT_DEBIT', 'BRI Direct Debit', 'full', [1, 50_000_000]),
    wallet('DANA', 'DANA', [100, 20_000_000], 10 * YEAR),
    wallet('GOPAY_RECURRING', 'GoPay', [1, 50_000_000]),
    wallet('OVO', 'OVO', [100, 20_000_000]),
    wallet('SHOPEEPAY', 'ShopeePay', [1, 20_000_000], 5 * YEAR),
    asking(wallet('NEXCASH', 'Nex Cash', [1, 20_000_000])),
  ],
  MY: [
    card(1, 5_000),
    wallet('GRABPAY', 'GrabPay', [1, 1_500], 10 * YEAR),
    wallet('SHOPEEPAY', 'ShopeePay', [1, 4_999], 5 * YEAR),
    wallet('TOUCHNGO', "Touch 'n Go", [1, 20_000]),
  ],
  PH: [
    card(20, 700_000),
    debit('BPI_RECURRING', 'BPI', 'partial', [1, 500_000], 91),
    wallet('GRABPAY', 'GrabPay', [1, 100_000], 10 * YEAR),
    wallet('PAYMAYA', 'Maya', [1, 100_000]),
    wallet('SHOPEEPAY', 'ShopeePay', [1, 100_000], 5 * YEAR),
    debit('UBP_EADA', 'UnionBank', 'partial', [1, 100_000], YEAR),
    asking(debit('BPI_DIRECT_DEBIT', 'BPI, approved each time', 'partial', [1, 500_000], 91)),
    asking(debit('CHINABANK_DIRECT_DEBIT', 'China Bank', 'partial', [1, 50_000], 91)),
    asking(debit('RCBC_DIRECT_DEBIT', 'RCBC', 'partial', [1, 50_000])),
    asking(debit('UBP_DIRECT_DEBIT', 'UnionBank, approved each time', 'partial', [1, 100_000], YEAR)),
  ],
  TH: [
    card(1, 700_000),
    debit('BBL_DIRECT_DEBIT', 'Bangkok Bank', 'none', THAI),
    debit('KRUNGSRI_DIRECT_DEBIT', 'Krungsri', 'none', THAI),
    debit('KTB_DIRECT_DEBIT', 'Krungthai', 'none', THAI),
    debit('SCB_DIRECT_DEBIT', 'SCB', 'none', THAI),
  ],
  VN: [card(1_000, undefined)],
  SG: [card(1, 1_000)],
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

/** The country's own currency, or USD. That another is refused is INFERRED (docs/xendit.md 4.2, "mismatched currency"). */
export function usesCurrency(country: Country, currency: Currency): boolean {
  return currency === 'USD' || HOME_CURRENCY[country] === currency;
}

/** Whether the channel takes the amount; what it takes of dollars is not documented. */
export function takes(
  { limits: [least, greatest] }: Channel,
  country: Country,
  currency: Currency,
  amount: number,
): boolean {
  if (HOME_CURRENCY[country] !== currency) return true;
  return amount >= least && (greatest === undefined || amount <= greatest);
}
