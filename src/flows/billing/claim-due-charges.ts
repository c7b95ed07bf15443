import type { Context } from '../../context.ts';
import { type Admission, admit } from '../../domain/admission.ts';
import { isChargeable, type SubscriptionStatus } from '../../domain/subscription.ts';
import { errorFacts } from '../../infra/logger.ts';
import { lastMissedAttempts } from '../../infra/postgres/attempts.ts';
import type { Permit } from '../../infra/postgres/binding.ts';
import { type ChargeBook, dueCharges, type Order, postponeCharge } from '../../infra/postgres/charges.ts';
import { isConnectionFault, isLockTimeout } from '../../infra/postgres/db.ts';
import { reserve } from '../../infra/postgres/pace.ts';
import { endMethod } from '../onboarding/end-method.ts';
import { sentBefore } from '../time/sent-at.ts';
import { applyEach } from './apply-each.ts';
import type { ClaimedBatch } from './attempt-charges.ts';
import { awaitCustomer } from './await-customer.ts';
import { holdAfterWindow, postponeWithin } from './end-of-window.ts';
import { type TokenPast, tokenPasts } from './histories.ts';
import { mayCharge } from './may-charge.ts';
import { windowEndOf } from './policies.ts';
import { mandateOf } from './request-for.ts';
import type { Rounds } from './rounds.ts';
import { countedDay, withinLimits } from './spending-brake.ts';
import { Turns } from './turns.ts';
import { waitForPace } from './wait-for-pace.ts';
import { type WrittenAttempt, writeAttempt } from './write-attempt.ts';

/** Charges claimed at once. Small, since what is claimed is what a crash leaves to be asked about. */
const BATCH = 256;
/** Requests a minute that Xendit would have to allow to be no limit for one process. */
const FASTER_THAN_WE_ARE = 100_000;

/** Claims the due charges of these buckets batch by batch until none is left, charging is stopped, or the process is told to end. */
export async function* claimDueCharges(
  ctx: Context,
  buckets: readonly number[],
  size = BATCH,
  rounds: Rounds | null = null,
): AsyncGenerator<ClaimedBatch> {
  const turns = new Turns();
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    // A round takes its time: what may be charged is judged by the clock as it is then.
    if ((await rounds?.make(now)) === true) continue;
    const looked = await look(ctx, now, { buckets, size, left: turns.left });
    if (looked === 'nothing') return;
    if (looked === 'wait') continue;
    const batch = await claim(ctx, looked.due, looked.permit, now);
    turns.count(looked.due, batch.books);
    if (batch.books.length > 0) yield batch;
  }
}

/** Who comes first matters where it is the pace that makes the others wait. */
export function orderFor(ctx: Context): Order {
  const perMinute = ctx.requestsPerMinute;
  return perMinute !== null && perMinute < FASTER_THAN_WE_ARE ? 'urgency' : 'time';
}

/** Where, how many, and whom not. */
type Wish = {
  readonly buckets: readonly number[];
  readonly size: number;
  readonly left: ReadonlySet<string>;
};

/** What may be attempted now, as much of it as the pace allows. */
async function look(
  ctx: Context,
  now: Temporal.Instant,
  { buckets, size, left }: Wish,
): Promise<{ readonly due: readonly ChargeBook[]; readonly permit: Permit } | 'nothing' | 'wait'> {
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no') return 'nothing';
  const found = await dueCharges(ctx.db, buckets, now, size + left.size, orderFor(ctx), allowed.permit.askSince);
  const untried = found.filter(({ charge }) => !left.has(charge.id)).slice(0, size);
  const due = oneEach(untried, countedDay(ctx, now) !== null);
  if (due.length === 0) return 'nothing';
  const permits = await reserve(ctx.db, 'payment_requests', ctx.requestsPerMinute, due.length);
  if (permits.granted === 0) {
    await waitForPace(ctx, permits);
    return 'wait';
  }
  return { due: due.slice(0, permits.granted), permit: allowed.permit };
}

/** Admits, writes the attempts with their whole requests, and answers only those that are ours now (invariant 2). */
async function claim(
  ctx: Context,
  due: readonly ChargeBook[],
  permit: Permit,
  now: Temporal.Instant,
): Promise<ClaimedBatch> {
  const claimedAt = ctx.monotonic();
  const day = countedDay(ctx, now);
  const candidates = await withinLimits(ctx, due, now);
  const admissionOf = await admissionsFor(ctx, candidates, now);
  const claims: WrittenAttempt[] = [];
  for (const book of candidates) {
    const claimed = await claimOrPutOff(ctx, book, admissionOf, now);
    if (claimed !== null) claims.push(claimed);
  }
  const options = { skipLocked: true, leaseSeconds: ctx.lease.seconds, permit, day };
  const changes = claims.map((claimed) => claimed.change);
  ctx.failpoint?.('before-claim');
  const { done, broken } = await applyEach(ctx, changes, options);
  ctx.failpoint?.('after-claim');
  const books = claims.flatMap(({ book }) => {
    const subscription = done.get(book.subscription.id);
    return subscription === undefined ? [] : [{ ...book, subscription }];
  });
  for (const book of candidates) if (broken.has(book.subscription.id)) await putOffAside(ctx, book, now);
  // Somebody else is at work on every one of them: let them finish.
  if (books.length === 0 && claims.length > 0) await ctx.sleep(20);
  return { books, claimedAt };
}

/** A row that cannot be worked with is put off and told of, so that it never blocks the others. */
async function claimOrPutOff(
  ctx: Context,
  book: ChargeBook,
  admissionOf: (book: ChargeBook) => Admitted,
  now: Temporal.Instant,
): Promise<WrittenAttempt | null> {
  const { charge, subscription, token } = book;
  try {
    if (!isChargeable(subscription.status as SubscriptionStatus)) {
      const note = `The subscription is ${subscription.status}.`;
      await postponeCharge(ctx.db, charge, { nextAttemptAt: null, waitsUntil: null, note });
      return null;
    }
    const end = await windowEndOf(ctx, book);
    if (Temporal.Instant.compare(now, end) > 0) {
      await holdAfterWindow(ctx, book, end, now);
      return null;
    }
    const { admission, ended } = admissionOf(book);
    if (ended !== null && token?.tokenId != null) {
      // Whoever settled that decline died before it was told to the others. With its next turn it waits for its customer.
      await endMethod(ctx, token.tokenId, { status: ended.status, why: ended.why, actor: 'dueday' }, now);
      return null;
    }
    if (admission.kind === 'attempt' && token !== null) {
      if (token.tokenId !== null) {
        return writeAttempt(ctx, book, { ...token, tokenId: token.tokenId }, charge.note, now);
      }
      ctx.log.error('payment token cannot be opened', { charge_id: charge.id, token: token.id });
      await putBrokenOff(ctx, book, now, SEALED);
      return null;
    }
    await putOff(ctx, book, admission, end, now);
    return null;
  } catch (error) {
    if (isLockTimeout(error)) return null;
    if (isConnectionFault(error)) throw error;
    ctx.log.error('charge cannot be worked with', { charge_id: charge.id, ...errorFacts(error) });
    await putBrokenOff(ctx, book, now);
    return null;
  }
}

/** Beside what is claimed already: whatever comes of it, the claimed ones are sent. */
async function putOffAside(ctx: Context, book: ChargeBook, now: Temporal.Instant): Promise<void> {
  try {
    await putBrokenOff(ctx, book, now);
  } catch (error) {
    ctx.log.warn('charge could not be put off', { charge_id: book.charge.id, ...errorFacts(error) });
  }
}

const BROKEN = 'An internal error keeps this charge from being attempted; see the log.';
const SEALED = 'No key of DUEDAY_TOKEN_KEYS opens the payment token: see "dueday doctor".';

async function putBrokenOff(ctx: Context, { charge }: ChargeBook, now: Temporal.Instant, note = BROKEN): Promise<void> {
  await postponeCharge(ctx.db, charge, { nextAttemptAt: now.add({ hours: 1 }), waitsUntil: null, note });
}

/** One charge a subscription and statement, and one missed or counted a customer: the others follow in the next batch. */
function oneEach(due: readonly ChargeBook[], counted: boolean): readonly ChargeBook[] {
  const seen = new Set<string>();
  return due.filter(({ charge }) => {
    const keys = charge.missed || counted ? [charge.subscriptionId, charge.customerId] : [charge.subscriptionId];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}

/** `ended`: the method is over as another subscription's, and not yet as this one's. */
type Admitted = { readonly admission: Admission; readonly ended: TokenPast['ended'] };

async function admissionsFor(
  ctx: Context,
  books: readonly ChargeBook[],
  now: Temporal.Instant,
): Promise<(book: ChargeBook) => Admitted> {
  const tokens = books.flatMap((book) => (book.token === null ? [] : [book.token.id]));
  const missed = books.filter((book) => book.charge.missed).map((book) => book.charge.customerId);
  const pastOf = await tokenPasts(ctx, tokens, now);
  const lastMissed = await lastMissedAttempts(ctx.db, missed);
  const sentAtOf = await sentBefore(ctx, [...lastMissed.values()], now);
  const lastMissedAt = (customerId: string) => {
    const at = lastMissed.get(customerId);
    return at === undefined ? null : (sentAtOf?.(at) ?? at);
  };
  return ({ charge, subscription, token }) => {
    const past = pastOf(token?.id ?? null);
    const admission = admit({
      charge,
      tokenAlive: token?.status === 'active',
      mandate: token === null ? null : mandateOf(token),
      limits: ctx.catalog.current.defaults.networkLimits,
      network: token?.network ?? null,
      declinedAt: past.declinedAt(charge.amount, null),
      lastReached: past.lastReached(null),
      lastMissedAttempt: lastMissedAt(charge.customerId),
      timeZone: subscription.timeZone,
      chargeAt: subscription.chargeAt,
      now,
    });
    return { admission, ended: token?.status === 'active' ? past.ended : null };
  };
}

/** A rule outside the charge forbids an attempt now: later, or when the customer has acted. */
async function putOff(
  ctx: Context,
  book: ChargeBook,
  admission: Admission,
  end: Temporal.Instant,
  now: Temporal.Instant,
): Promise<void> {
  if (admission.kind === 'attempt') return;
  const { charge } = book;
  ctx.log.info('charge put off', { charge_id: charge.id, why: admission.why });
  if (admission.kind === 'postpone') {
    await postponeWithin(ctx, book, admission, end, now);
    return;
  }
  await awaitCustomer(ctx, book, admission.why, now);
}
