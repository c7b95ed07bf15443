import type { ChargeResult } from '../../../../domain/charges/result.ts';
import type { ChargeState } from '../../../../domain/charges/shown-state.ts';

type Narrowed = {
  readonly state?: ChargeState;
  readonly result?: ChargeResult;
  readonly first_channel?: string;
};

/** The list of the charges due from a day to another, both included: what a figure counts is what its link shows. */
export function chargesDue(from: Temporal.PlainDate, to: Temporal.PlainDate, narrowed: Narrowed = {}): string {
  const query = { due_from: from.toString(), due_to: to.toString(), ...narrowed };
  return `/charges?${new URLSearchParams(query).toString()}`;
}
