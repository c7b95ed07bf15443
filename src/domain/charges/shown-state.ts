import type { ChargeStatus } from './charge.ts';

/** What a state means: money in, in motion, waits, lost, a person's turn, out of the count. */
export type Tone = 'ok' | 'go' | 'wait' | 'bad' | 'person' | '';

/** A state as people are shown it: a word, a shape for who sees no colour, and what the colour means. */
export type ShownState = { readonly word: string; readonly shape: StateShape; readonly tone: Tone };
export type StateShape =
  | 'due'
  | 'attempting'
  | 'paid'
  | 'dunning'
  | 'waits'
  | 'unknown'
  | 'held'
  | 'uncollectible'
  | 'void'
  | 'refunded';

/** What people tell apart: finer than a status, so that each state is of one. In the order of the tabs of a list. */
export const chargeStates = [
  'paid',
  'due',
  'attempting',
  'in_dunning',
  'waits_for_customer',
  'unknown',
  'held',
  'uncollectible',
  'void',
  'partially_refunded',
  'refunded',
] as const;
export type ChargeState = (typeof chargeStates)[number];

type Standing = {
  readonly status: ChargeStatus;
  readonly inDunning: boolean;
  readonly waitsUntil: Temporal.Instant | null;
  /** Of its newest attempt; null: none was made, or nothing came back. */
  readonly lastOutcome: string | null;
};

/** The state of a charge. The list of charges says the same in SQL, to count and to narrow by it. */
function chargeState({ status, inDunning, waitsUntil, lastOutcome }: Standing): ChargeState {
  if (status === 'due' && waitsUntil !== null) return 'waits_for_customer';
  if (status === 'due' && inDunning) return 'in_dunning';
  if (status === 'attempting' && (lastOutcome === 'pending' || lastOutcome === 'unknown')) return 'unknown';
  return status;
}

/** The one place that writes a state's word. */
export const shownStates: Readonly<Record<ChargeState, ShownState>> = {
  due: { word: 'Due', shape: 'due', tone: '' },
  in_dunning: { word: 'In dunning', shape: 'dunning', tone: 'wait' },
  waits_for_customer: { word: 'Waits for customer', shape: 'waits', tone: 'wait' },
  attempting: { word: 'Attempting', shape: 'attempting', tone: 'go' },
  unknown: { word: 'Unknown', shape: 'unknown', tone: 'person' },
  paid: { word: 'Paid', shape: 'paid', tone: 'ok' },
  held: { word: 'Held', shape: 'held', tone: 'person' },
  uncollectible: { word: 'Uncollectible', shape: 'uncollectible', tone: 'bad' },
  void: { word: 'Void', shape: 'void', tone: '' },
  refunded: { word: 'Refunded', shape: 'refunded', tone: '' },
  partially_refunded: { word: 'Partly refunded', shape: 'refunded', tone: '' },
};

export function shownState(standing: Standing): ShownState {
  return shownStates[chargeState(standing)];
}
