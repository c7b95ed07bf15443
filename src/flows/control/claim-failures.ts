import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';

/** After so many failures the run leaves a charge for the next run: another session holds its rows. */
const MOST_FAILURES = 3;

/**
 * Counts how often a run picked a charge and could not claim it. After three times the run stops picking that charge, so
 * that it cannot block those behind it.
 */
export class ClaimFailures {
  readonly #failures = new Map<string, number>();
  /** The charges that this run no longer picks, by id. */
  readonly exhausted = new Set<string>();

  count(looked: readonly ChargeDossier[], claimed: readonly ChargeDossier[]): void {
    const ids = new Set(claimed.map(({ charge }) => charge.id));
    for (const { charge } of looked) {
      if (ids.has(charge.id)) continue;
      const failures = (this.#failures.get(charge.id) ?? 0) + 1;
      this.#failures.set(charge.id, failures);
      if (failures >= MOST_FAILURES) this.exhausted.add(charge.id);
    }
  }
}
