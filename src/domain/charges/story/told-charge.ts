import type { StoredAction } from '../action.ts';

/** A charge as everybody is shown it, as far as its story needs it: amounts in major units, instants as ISO text. */
export type ToldCharge = {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly collected: number;
  readonly overpaid: number;
  readonly refunded: number;
  readonly plan: string;
  readonly catalog_version: number;
  readonly cycle: number | null;
  readonly period: { readonly start: string; readonly end: string };
  readonly due_at: string;
  readonly time_zone: string;
  readonly missed: boolean;
  readonly next_attempt_at: string | null;
  readonly waits_until: string | null;
  readonly hold_reason: string | null;
  readonly failure_code: string | null;
  readonly actions: readonly StoredAction[];
  readonly note: string | null;
  readonly settled_at: string | null;
  readonly attempts: readonly ToldAttempt[];
  readonly history: readonly ToldEvent[];
};

export type ToldAttempt = {
  readonly number: number;
  readonly via: string;
  readonly reference_id: string;
  readonly sent_at: string;
  readonly outcome: string | null;
  readonly outcome_at: string | null;
  readonly failure_code: string | null;
  readonly class: string | null;
  readonly network_code: string | null;
  readonly advice_code: string | null;
  readonly payment_request_id: string | null;
  readonly payment_id: string | null;
  readonly next_check_at: string | null;
  readonly decision: ToldDecision | null;
};

export type ToldDecision = {
  readonly kind: string;
  readonly at: string | null;
  readonly rule: string;
  readonly why: string;
  readonly counted: Readonly<Record<string, number>>;
  readonly catalog_version: number;
};

export type ToldEvent = {
  readonly at: string;
  readonly kind: string;
  readonly attempt: number | null;
  readonly why: string | null;
  readonly actor: string;
};
