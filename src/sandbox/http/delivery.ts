import { stamp } from '../time/clock.ts';
import type { Posting } from './post.ts';

/** Seconds after the first attempt: 15 min, 1 h, 3 h, 6 h, 12 h, 24 h (docs/xendit.md 3.1). */
const RETRY_SECONDS = [900, 3_600, 10_800, 21_600, 43_200, 86_400];

type Attempt = { readonly at: string } & Posting;

/** One webhook on its way to the merchant. */
export type Delivery = {
  readonly webhook_id: string;
  readonly event: string;
  /** The payload as it was at the event, already serialised: later changes must not show. */
  readonly data: string;
  readonly form: 'enveloped' | 'flat';
  status: 'queued' | 'held' | 'delayed' | 'retrying' | 'delivered' | 'failed' | 'dropped';
  readonly attempts: Attempt[];
  firstAttemptAt?: Temporal.Instant;
};

/** Notes an attempt; any 2XX delivers. A copy that fails does not undo one that was accepted. */
export function recordAttempt(delivery: Delivery, at: Temporal.Instant, posting: Posting): void {
  delivery.attempts.push({ at: stamp(at), ...posting });
  delivery.firstAttemptAt ??= at;
  if (isAccepted(posting)) delivery.status = 'delivered';
}

/** When Xendit tries again after a failed attempt, or undefined after the last one. */
export function nextAttemptAt(delivery: Delivery, failedAt: Temporal.Instant): Temporal.Instant | undefined {
  const first = delivery.firstAttemptAt ?? failedAt;
  const passed = failedAt.since(first).total('seconds');
  const wait = RETRY_SECONDS.find((seconds) => seconds > passed);
  return wait === undefined ? undefined : first.add({ seconds: wait });
}

/** The body of one attempt. `created` is the time of the attempt, so it changes between retries (docs/xendit.md 3.1). */
export function envelope(delivery: Delivery, businessId: string, at: Temporal.Instant): string {
  if (delivery.form === 'flat')
    return `${JSON.stringify({ event: delivery.event }).slice(0, -1)},${delivery.data.slice(1)}`;
  const head = { created: stamp(at), business_id: businessId, event: delivery.event, api_version: 'v3' };
  return `${JSON.stringify(head).slice(0, -1)},"data":${delivery.data}}`;
}

function isAccepted(posting: Posting): boolean {
  return posting.status !== undefined && posting.status >= 200 && posting.status < 300;
}
