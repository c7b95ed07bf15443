import type { Clock } from '../time/clock.ts';
import { type Delivery, envelope, nextAttemptAt, recordAttempt } from './delivery.ts';
import { makePoster, type Poster } from './post.ts';

/** How deliveries are disturbed; set through the control endpoint. */
export type Behaviour = {
  /** Extra copies of each delivery, with the same webhook-id. */
  duplicate: number;
  /** Sends what comes together in the reverse order, one after another. */
  reorder: boolean;
  drop: boolean;
  /** Seconds of the sandbox's clock. */
  delay_seconds: number;
  hold: boolean;
  /** Real time. Xendit waits 30 s (docs/xendit.md 3.1). */
  timeout_ms: number;
  /** How many at once. Xendit promises no order; 1 gives one. */
  concurrency: number;
};

export type CourierOptions = {
  readonly clock: Clock;
  /** Undefined: nothing is sent, and nothing is logged. */
  readonly url: string | undefined;
  readonly callbackToken: string;
  readonly businessId: string;
  readonly newId: () => string;
  readonly logLimit: number;
};

const REORDER_WINDOW_MS = 20;

/** Takes webhooks to the merchant: at once, then on Xendit's schedule until a 2XX. */
export class Courier {
  readonly behaviour: Behaviour = {
    duplicate: 0,
    reorder: false,
    drop: false,
    delay_seconds: 0,
    hold: false,
    timeout_ms: 30_000,
    concurrency: 16,
  };
  readonly #options: CourierOptions;
  readonly #poster: Poster | undefined;
  readonly #log: Delivery[] = [];
  readonly #held: Delivery[] = [];
  #queue: Delivery[] = [];
  #nextInQueue = 0;
  #onTheWay = 0;
  #burst: Delivery[] = [];
  #burstTimer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#poster = options.url === undefined ? undefined : makePoster(options.url);
  }

  /** The last deliveries, newest last. */
  get log(): readonly Delivery[] {
    const { logLimit } = this.#options;
    return logLimit === 0 ? [] : this.#log.slice(-logLimit);
  }

  /** `flat`: what is told stands beside the event, and not in `data`. */
  send(event: string, data: unknown, form: Delivery['form'] = 'enveloped'): void {
    if (this.#poster === undefined) return;
    const webhook_id = this.#options.newId();
    const delivery: Delivery = { webhook_id, event, data: JSON.stringify(data), form, status: 'queued', attempts: [] };
    this.#remember(delivery);
    if (this.behaviour.drop) delivery.status = 'dropped';
    else if (this.behaviour.hold) this.#hold(delivery);
    else if (this.behaviour.delay_seconds > 0) this.#delay(delivery);
    else this.#dispatch(delivery);
  }

  /** Ends holding and sends what was held. */
  release(): void {
    this.behaviour.hold = false;
    for (const delivery of this.#held.splice(0)) this.#dispatch(delivery);
  }

  /** Resolves when nothing is queued or on the way. What waits for the clock does not count. */
  settled(): Promise<void> {
    if (this.#burst.length > 0) this.#flushBurst();
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  close(): void {
    clearTimeout(this.#burstTimer);
    this.#queue = [];
    this.#poster?.close();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #hold(delivery: Delivery): void {
    delivery.status = 'held';
    this.#held.push(delivery);
  }

  #delay(delivery: Delivery): void {
    delivery.status = 'delayed';
    const milliseconds = Math.round(this.behaviour.delay_seconds * 1000);
    const { clock } = this.#options;
    clock.at(clock.now().add({ milliseconds }), () => this.#dispatch(delivery));
  }

  #dispatch(delivery: Delivery): void {
    delivery.status = 'queued';
    const copies = Array.from({ length: this.behaviour.duplicate + 1 }, () => delivery);
    if (!this.behaviour.reorder) {
      this.#enqueue(copies);
      return;
    }
    this.#burst.push(...copies);
    this.#burstTimer ??= setTimeout(() => this.#flushBurst(), REORDER_WINDOW_MS).unref();
  }

  #flushBurst(): void {
    clearTimeout(this.#burstTimer);
    this.#burstTimer = undefined;
    this.#enqueue(this.#burst.reverse());
    this.#burst = [];
  }

  #enqueue(deliveries: readonly Delivery[]): void {
    this.#queue.push(...deliveries);
    // Not within the request that caused it: as a rule the answer leaves first.
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    const limit = this.behaviour.reorder ? 1 : this.behaviour.concurrency;
    while (this.#onTheWay < limit && this.#nextInQueue < this.#queue.length) {
      const delivery = this.#queue[this.#nextInQueue];
      this.#nextInQueue += 1;
      if (delivery !== undefined) void this.#carry(delivery);
    }
    if (this.#nextInQueue >= this.#queue.length) {
      this.#queue = [];
      this.#nextInQueue = 0;
    }
    if (this.#isIdle()) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #carry(delivery: Delivery): Promise<void> {
    const { businessId, callbackToken, clock } = this.#options;
    const at = clock.now();
    const headers = { 'x-callback-token': callbackToken, 'webhook-id': delivery.webhook_id };
    this.#onTheWay += 1;
    const posting = await this.#poster?.post(envelope(delivery, businessId, at), headers, this.behaviour.timeout_ms);
    this.#onTheWay -= 1;
    recordAttempt(delivery, at, posting ?? {});
    // Only from "queued": the other copies of a delivery must not start retries of their own.
    if (delivery.status === 'queued') this.#retryLater(delivery, at);
    this.#pump();
  }

  #retryLater(delivery: Delivery, failedAt: Temporal.Instant): void {
    const when = nextAttemptAt(delivery, failedAt);
    delivery.status = when === undefined ? 'failed' : 'retrying';
    if (when === undefined) return;
    this.#options.clock.at(when, () => {
      // A copy may have been accepted meanwhile.
      if (delivery.status !== 'retrying') return;
      delivery.status = 'queued';
      this.#enqueue([delivery]);
    });
  }

  #isIdle(): boolean {
    return this.#onTheWay === 0 && this.#queue.length === 0 && this.#burst.length === 0;
  }

  #remember(delivery: Delivery): void {
    const { logLimit } = this.#options;
    if (logLimit === 0) return;
    this.#log.push(delivery);
    // In slices: shifting one by one would move the whole log for every webhook.
    if (this.#log.length > 2 * logLimit) this.#log.splice(0, this.#log.length - logLimit);
  }
}
