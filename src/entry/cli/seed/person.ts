import type { Context, PlayedMethod, PlayedPayment } from '../../../context.ts';
import { drawn } from './span.ts';

/** A payment of theirs that is asked for: of which cycle (null: of something that is owed once), and the n-th try. */
export type Try = {
  readonly cycle: number | null;
  readonly attempt: number;
  readonly channel: string;
  readonly at: Temporal.Instant;
};

/** What they, or somebody of ours, do: with their subscription, at the earliest then. */
export type Deed = { readonly at: Temporal.Instant; readonly act: (ctx: Context, id: string) => Promise<unknown> };

export type Person = {
  readonly reference: string;
  readonly name: string;
  readonly plan: string;
  readonly joins: Temporal.Instant;
  readonly anchor: Temporal.PlainDate | null;
  readonly quantity: number;
  /** What they save behind their n-th link; null: they do not come. */
  readonly saves: (link: number) => PlayedMethod | null;
  /** What becomes of their payments; null: whatever is drawn for it. */
  readonly fate: (tried: Try) => PlayedPayment | null;
  readonly deeds: readonly Deed[];
};

export const paid: PlayedPayment = { ends: { as: 'paid' } };

export function declinedWith(code: string): PlayedPayment {
  return { ends: { as: 'declined', code } };
}

/** How the customers of this one's country are called, for Xendit; our books keep no names. */
const NAMES = ['Siti', 'Agus', 'Somchai', 'Nguyễn Thị Hoa', 'สมชาย', 'Maria', 'Budi', 'Trần Văn Đức', 'Jose', 'Dewi'];

const CARDS: readonly PlayedMethod[] = [
  { channelCode: 'CARDS', network: 'VISA', label: '400000XXXXXX1000', expiryMonth: '11', expiryYear: '2032' },
  { channelCode: 'CARDS', network: 'MASTERCARD', label: '520000XXXXXX1005', expiryMonth: '4', expiryYear: '2033' },
];

export function card(text: string): PlayedMethod {
  return CARDS[drawn(`${text} card`) < 0.6 ? 0 : 1] as PlayedMethod;
}

/** A wallet, or an account at a bank. */
export function wallet(channelCode: string): PlayedMethod {
  return { channelCode, network: null, label: null, expiryMonth: null, expiryYear: null };
}

/** Somebody to whom nothing happens, but for what is said of them. */
export function somebody(number: number, more: Partial<Person> & Pick<Person, 'joins'>): Person {
  const reference = `sub-${1000 + number}`;
  return {
    reference,
    name: NAMES[number % NAMES.length] ?? 'Siti',
    plan: 'pro-monthly',
    anchor: null,
    quantity: 1,
    saves: () => card(reference),
    fate: () => null,
    deeds: [],
    ...more,
  };
}

export function customerOf({ reference }: Pick<Person, 'reference'>): string {
  return reference.replace('sub', 'cust');
}
