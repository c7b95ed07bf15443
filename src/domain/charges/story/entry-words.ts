import { eventWords } from './words.ts';

/** An entry of the ledger, as far as a line about it needs it. */
type Told = {
  readonly kind: string;
  readonly cycle: number | null;
  readonly chargeId: string | null;
  readonly attempt: number | null;
  readonly outcome: string | null;
};

const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'was paid',
  declined: 'was declined',
  refused: 'was refused by Xendit',
  pending: 'has no outcome yet',
  unknown: 'got no answer',
};

/** What an entry says, as a line of what happened to a subscription: what it was about first. */
export function entryWords({ kind, cycle, chargeId, attempt, outcome }: Told): string {
  const charge = chargeId === null ? null : cycle === null ? 'An extra charge' : `Cycle ${cycle}`;
  if (charge === null || kind.startsWith('subscription.')) return eventWords(kind);
  if (kind === 'charge.opened') return `${charge} fell due`;
  if (kind === 'charge.paid') return `${charge} was paid`;
  if (kind === 'attempt.sent') return `${charge}: attempt ${attempt ?? 1} was sent`;
  if (kind === 'attempt.settled')
    return `${charge}: attempt ${attempt ?? 1} ${OUTCOMES[outcome ?? ''] ?? 'is settled'}`;
  const said = eventWords(kind);
  return `${charge}: ${said.slice(0, 1).toLowerCase()}${said.slice(1)}`;
}
