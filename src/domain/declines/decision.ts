import type { DeclineClass } from './decline-class.ts';

/** Why something was decided: stored with the attempt, told to finance, explained to people. */
export type Why = {
  readonly class: DeclineClass | null;
  /** The rule that fired, by its name (docs/design.md section 6). */
  readonly rule: string;
  /** One sentence for a person. */
  readonly text: string;
  /** What was counted on the way. */
  readonly counted: Readonly<Record<string, number>>;
  readonly catalogVersion: number;
};

/** What happens to the subscription when a charge becomes uncollectible. */
export type GiveUp = 'cancel' | 'pause' | 'keep';

/** Why a charge waits for a person. */
export type HoldReason =
  | 'unknown_outcome'
  | 'our_fault'
  | 'missed_cycle'
  /** Xendit was too busy for it, or out of reach, until its window ended. */
  | 'throttled'
  /** Its window ended before it could be tried, or tried again. */
  | 'window_over'
  /** It could not be claimed for a day, or the rules of its catalog version cannot be read. */
  | 'broken'
  /** Part of the money may be reserved on the card. */
  | 'partial_approval'
  /** Somebody held it, or canceled its payment at Xendit. */
  | 'by_hand'
  /** Its window ended while its channel was stopped. */
  | 'channel_stopped'
  /** A payment of its customer is disputed, and its plan waits for a person then. */
  | 'disputed';

/** What is done about a charge after an outcome. */
export type Decision =
  | { readonly kind: 'paid'; readonly why: Why }
  | { readonly kind: 'overpaid'; readonly why: Why }
  | {
      readonly kind: 'retry';
      readonly at: Temporal.Instant;
      /** `hand`: a person had it tried, and the ladder goes on as it was planned. */
      readonly spends: 'ladder' | 'technical' | 'throttle' | 'hand' | 'nothing';
      readonly why: Why;
    }
  | { readonly kind: 'wait_for_customer'; readonly until: Temporal.Instant; readonly why: Why }
  | { readonly kind: 'give_up'; readonly then: GiveUp; readonly why: Why }
  | { readonly kind: 'ask_gateway'; readonly at: Temporal.Instant; readonly why: Why }
  | { readonly kind: 'hold'; readonly reason: HoldReason; readonly why: Why }
  /** The attempt did not count: the charge is due again. `stops`: nothing is charged until a person says so. */
  | { readonly kind: 'release'; readonly at: Temporal.Instant; readonly stops: boolean; readonly why: Why }
  | { readonly kind: 'void'; readonly why: Why }
  /** The charge needs nothing more; only the attempt's outcome is recorded. */
  | { readonly kind: 'nothing'; readonly why: Why };

export type DecisionKind = Decision['kind'];
