import type { ShownState } from '../charges/shown-state.ts';
import { MOST_QUESTIONS } from './looks.ts';
import type { RefundState } from './refund.ts';

/** What people read of a refund; the names are those of its row. */
export type RefundToTell = {
  readonly state: RefundState;
  readonly why: string | null;
  readonly nextAt: Temporal.Instant | null;
  readonly asks: number;
};

/** The one place that writes the word of a refund's state. */
export const shownRefunds: Readonly<Record<RefundState, ShownState>> = {
  wanted: { word: 'Waits for approval', shape: 'held', tone: 'person' },
  approved: { word: 'To be sent', shape: 'due', tone: '' },
  sent: { word: 'Being sent', shape: 'attempting', tone: 'go' },
  unknown: { word: 'Unknown', shape: 'unknown', tone: 'person' },
  pending: { word: 'On its way', shape: 'attempting', tone: 'go' },
  succeeded: { word: 'Given back', shape: 'refunded', tone: '' },
  failed: { word: 'Not given back', shape: 'uncollectible', tone: 'bad' },
  withdrawn: { word: 'Withdrawn', shape: 'void', tone: '' },
};

const STUCK: ShownState = { word: 'Waits for a person', shape: 'held', tone: 'person' };

export function shownRefund(refund: Pick<RefundToTell, 'state' | 'nextAt'>): ShownState {
  return isStuck(refund) ? STUCK : shownRefunds[refund.state];
}

/** Xendit did not take it, and it is not sent again until somebody says so. */
export function isStuck({ state, nextAt }: Pick<RefundToTell, 'state' | 'nextAt'>): boolean {
  return state === 'approved' && nextAt === null;
}

/** Why a person has to decide about it: to approve it, to have it sent again, or to look at Xendit, which never told its end; null: there is no need. */
export function refundWaitsFor(refund: RefundToTell): 'approval' | 'sending' | 'look' | null {
  if (refund.state === 'wanted') return 'approval';
  if (isStuck(refund)) return 'sending';
  return refund.state === 'pending' && refund.asks >= MOST_QUESTIONS ? 'look' : null;
}

/** Why it stands as it stands, and what comes next; `at` writes a moment. */
export function refundFate(refund: RefundToTell, at: (moment: Temporal.Instant) => string): string {
  const { state, nextAt } = refund;
  const why = refund.why === null || refund.why === '' ? '' : `${sentence(refund.why)} `;
  switch (state) {
    case 'wanted':
      return 'A second person has to approve it. Nothing is sent before.';
    case 'approved':
      if (nextAt === null) return `${why}It is not sent until somebody approves it again.`;
      return refund.asks === 0 ? 'It is sent within a minute.' : `${why}It is sent again on ${at(nextAt)}.`;
    case 'sent':
      return 'Xendit is being asked for it.';
    case 'unknown':
      return `${why}Nobody knows whether Xendit has it, so it is never sent again. ${
        nextAt === null
          ? 'It was looked for for a month: withdraw it if Xendit does not have it.'
          : `It is looked for again on ${at(nextAt)}.`
      }`;
    case 'pending':
      return `Xendit has it, and its customer may not have the money yet.${nextAt === null ? '' : ` Xendit is asked again on ${at(nextAt)}, should it not tell before.`}`;
    case 'succeeded':
      return 'Its customer has the money, says Xendit.';
    case 'failed':
      return why.trim();
    case 'withdrawn':
      return why === '' ? 'It was taken back.' : `It was taken back: ${lowered(why.trim())}`;
  }
}

function sentence(text: string): string {
  const first = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
