/** What a webhook costs besides its body: its row, and its place in the indexes. */
const OVERHEAD_BYTES = 1_024;
/** A charge has a few webhooks of some two kilobytes, and Xendit sends some of them again. */
const BYTES_A_REQUEST = 16 * 1_024;
const LEAST_A_MINUTE = 8 * 1_024 * 1_024;
/** Minutes that come at once: after an outage Xendit sends what it kept. */
const BURST = 4;

/**
 * How much may arrive: what Xendit sends of as many charges as the pace allows, several times over. Whoever has the callback
 * token cannot fill the disk with more, and Xendit sends again later what is refused now.
 */
export class Arrivals {
  readonly #aMinute: number;
  #left: number;
  #at: number;

  constructor(requestsPerMinute: number | null, milliseconds: number) {
    const wanted = requestsPerMinute === null ? Number.POSITIVE_INFINITY : requestsPerMinute * BYTES_A_REQUEST;
    this.#aMinute = Math.max(LEAST_A_MINUTE, wanted);
    this.#left = this.#aMinute * BURST;
    this.#at = milliseconds;
  }

  /** Whether a body of so many bytes may be stored at this instant of the monotonic timer. */
  take(bytes: number, milliseconds: number): boolean {
    if (this.#aMinute === Number.POSITIVE_INFINITY) return true;
    const earned = ((milliseconds - this.#at) / 60_000) * this.#aMinute;
    this.#left = Math.min(this.#left + earned, this.#aMinute * BURST);
    this.#at = milliseconds;
    const cost = bytes + OVERHEAD_BYTES;
    if (this.#left < cost) return false;
    this.#left -= cost;
    return true;
  }
}
