import type { ChargeBook } from '../../infra/tables/charges/charges.ts';

/** A charge that could not be claimed so often is left for the next run: somebody holds its rows, and others wait. */
const MOST_TURNS = 3;

/** The turns that charges took in one run without becoming an attempt of it, so that none of them stays first for ever. */
export class Turns {
  readonly #taken = new Map<string, number>();
  /** Those that had turns enough. */
  readonly left = new Set<string>();

  count(looked: readonly ChargeBook[], claimed: readonly ChargeBook[]): void {
    const ids = new Set(claimed.map(({ charge }) => charge.id));
    for (const { charge } of looked) {
      if (ids.has(charge.id)) continue;
      const taken = (this.#taken.get(charge.id) ?? 0) + 1;
      this.#taken.set(charge.id, taken);
      if (taken >= MOST_TURNS) this.left.add(charge.id);
    }
  }
}
