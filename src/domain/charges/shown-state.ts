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

type Standing = {
  readonly status: ChargeStatus;
  readonly inDunning: boolean;
  readonly waitsUntil: Temporal.Instant | null;
  /** Of its newest attempt; null: none was made, or nothing came back. */
  readonly lastOutcome: string | null;
};

/** The one place that writes a state's word. */
export function shownState({ status, inDunning, waitsUntil, lastOutcome }: Standing): ShownState {
  if (status === 'due' && waitsUntil !== null) return { word: 'Waits for customer', shape: 'waits', tone: 'wait' };
  if (status === 'due' && inDunning) return { word: 'In dunning', shape: 'dunning', tone: 'wait' };
  if (status === 'attempting' && (lastOutcome === 'pending' || lastOutcome === 'unknown'))
    return { word: 'Unknown', shape: 'unknown', tone: 'person' };
  return OF_STATUS[status];
}

const OF_STATUS: Readonly<Record<ChargeStatus, ShownState>> = {
  due: { word: 'Due', shape: 'due', tone: '' },
  attempting: { word: 'Attempting', shape: 'attempting', tone: 'go' },
  paid: { word: 'Paid', shape: 'paid', tone: 'ok' },
  held: { word: 'Held', shape: 'held', tone: 'person' },
  uncollectible: { word: 'Uncollectible', shape: 'uncollectible', tone: 'bad' },
  void: { word: 'Void', shape: 'void', tone: '' },
  refunded: { word: 'Refunded', shape: 'refunded', tone: '' },
  partially_refunded: { word: 'Partly refunded', shape: 'refunded', tone: '' },
};

/** A status as a whole, where its charges are counted together. */
export function statusWord(status: ChargeStatus): string {
  return OF_STATUS[status].word;
}
