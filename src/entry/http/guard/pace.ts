export type PaceOptions = {
  readonly perSecond: number;
  /** So many may come at once. */
  readonly burst: number;
};

/** Turns at an even pace, after a burst (GCRA); told the time of a monotonic timer in milliseconds. */
export class Pace {
  readonly #eachMs: number;
  readonly #burstMs: number;
  #taken = Number.NEGATIVE_INFINITY;

  constructor({ perSecond, burst }: PaceOptions) {
    this.#eachMs = 1_000 / perSecond;
    this.#burstMs = burst * this.#eachMs;
  }

  /** Milliseconds until its turn. Null: it lies further off than anybody waits, and is not taken. */
  take(nowMs: number, patienceMs: number, cost = 1): number | null {
    const next = Math.max(this.#taken, nowMs) + cost * this.#eachMs;
    const waitMs = Math.max(0, next - this.#burstMs - nowMs);
    if (waitMs > patienceMs) return null;
    this.#taken = next;
    return waitMs;
  }
}

/** More callers than this in a minute are an attack from everywhere: the others share one pace, and memory stays bounded. */
const MOST_CALLERS = 10_000;
const MINUTE_MS = 60_000;

/** A pace for each caller, whatever names them. */
export class Paces {
  readonly #options: PaceOptions;
  #paces = new Map<string, Pace>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  take(caller: string, nowMs: number, patienceMs: number, cost = 1): number | null {
    if (nowMs - this.#sinceMs >= MINUTE_MS) {
      this.#paces = new Map();
      this.#sinceMs = nowMs;
    }
    const known = this.#paces.has(caller) || this.#paces.size < MOST_CALLERS ? caller : 'everybody else';
    return this.#paces.getOrInsertComputed(known, () => new Pace(this.#options)).take(nowMs, patienceMs, cost);
  }
}
