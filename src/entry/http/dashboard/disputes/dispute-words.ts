import type { DisputeState } from '../../../../domain/disputes/dispute.ts';
import type { ShownState } from '../frame/symbols.ts';

/** The one place that writes the word of a dispute's state. */
export const DISPUTE_STATES: Readonly<Record<DisputeState, ShownState>> = {
  action_required: { word: 'To be answered', shape: 'warn', tone: 'person' },
  under_review: { word: 'Under review', shape: 'attempting', tone: 'go' },
  won: { word: 'Won', shape: 'paid', tone: 'ok' },
  lost: { word: 'Lost', shape: 'uncollectible', tone: 'bad' },
};
