import type { Context } from '../../context.ts';
import { type Admission, admit } from '../../domain/dunning/admission.ts';
import { retryDaysOf } from '../../domain/dunning/retry-days.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import { isConnectionFault, isLockTimeout } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type ChargeDossier, postponeCharge } from '../../infra/tables/charges/charges.ts';
import { lastMissedAttempts } from '../../infra/tables/charges/past-attempts.ts';
import { whenEnded } from '../../infra/tables/methods/tokens.ts';
import { windowEndOf } from '../change/policies.ts';
import { sentBefore } from '../change/sent-at.ts';
import { withinLimits } from '../control/spending-brake.ts';
import { endMethod } from '../methods/end-method.ts';
import { moveOn } from '../methods/next-method.ts';
import { mandateOf } from '../methods/request-for.ts';
import { awaitCustomer } from './await-customer.ts';
import { holdAfterWindow, postponeWithin } from './end-of-window.ts';
import { type TokenPast, tokenPasts } from './histories.ts';
import { putBrokenOff } from './holding/hold-broken.ts';
import { holdDisputed } from './holding/hold-disputed.ts';
import { admittedForChange } from './of-changes/admit-for-change.ts';

/** Those that no limit and no rule outside the charge keeps from being attempted now; the others are held or put off. */
export async function admittedOf(
  ctx: Context,
  due: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly ChargeDossier[]> {
  const candidates = await withinLimits(ctx, due, now);
  const admissionOf = await admissionsFor(ctx, candidates, now);
  const admitted: ChargeDossier[] = [];
  for (const dossier of candidates) {
    const isOurs = await orPutOff(ctx, dossier, now, async () => await isAdmitted(ctx, dossier, admissionOf, now));
    if (isOurs === true) admitted.push(dossier);
  }
  return admitted;
}

/** A row that cannot be worked with is put off and told of, so that it never blocks the others; null: that is what happened. */
export async function orPutOff<T>(
  ctx: Context,
  dossier: ChargeDossier,
  now: Temporal.Instant,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isLockTimeout(error)) return null;
    if (isConnectionFault(error)) throw error;
    ctx.log.error('charge cannot be worked with', { charge_id: dossier.charge.id, ...errorFacts(error) });
    await putBrokenOff(ctx, dossier, now, BROKEN);
    return null;
  }
}

async function isAdmitted(
  ctx: Context,
  dossier: ChargeDossier,
  admissionOf: (dossier: ChargeDossier) => Admitted,
  now: Temporal.Instant,
): Promise<boolean> {
  const { charge, subscription, token } = dossier;
  const { admission, ended } = admissionOf(dossier);
  const forChange = charge.cycle === null ? await admittedForChange(ctx, dossier, admission, now) : null;
  if (forChange !== null) return forChange && (await isOpened(ctx, dossier, now));
  if (!isChargeable(subscription.status)) {
    const note = `The subscription is ${subscription.status}.`;
    await postponeCharge(ctx.db, charge, { nextAttemptAt: null, waitsUntil: null, note });
    return false;
  }
  if (subscription.stoppedBy !== null) {
    await holdDisputed(ctx, dossier, now);
    return false;
  }
  const end = await windowEndOf(ctx, dossier);
  if (Temporal.Instant.compare(now, end) > 0) {
    await holdAfterWindow(ctx, dossier, end, now);
    return false;
  }
  if (ended !== null && token?.tokenId != null) {
    // Whoever settled that decline died before it was told to the others. With its next turn it waits for its customer.
    const at = (await whenEnded(ctx.db, token.bucket, token.id)) ?? now;
    await endMethod(ctx, token.tokenId, { as: ended.as, why: ended.why, actor: 'dueday', at }, now);
    return false;
  }
  // The method ended, whoever ended it, or its mandate is over: with its next turn the charge goes out over the next one.
  if (admission.kind === 'wait_for_customer' && subscription.spareMethods > 0)
    if (await moveOn(ctx, subscription, admission.why, now)) return false;
  if (admission.kind !== 'attempt' || token === null) {
    await putOff(ctx, dossier, admission, end, now);
    return false;
  }
  return await isOpened(ctx, dossier, now);
}

async function isOpened(ctx: Context, dossier: ChargeDossier, now: Temporal.Instant): Promise<boolean> {
  const { charge, token } = dossier;
  if (token?.tokenId != null) return true;
  ctx.log.error('payment token cannot be opened', { charge_id: charge.id, token: token?.id ?? null });
  await putBrokenOff(ctx, dossier, now, SEALED);
  return false;
}

/** Beside what is claimed already: whatever comes of it, the claimed ones are sent. */
export async function putOffAside(ctx: Context, dossier: ChargeDossier, now: Temporal.Instant): Promise<void> {
  try {
    await putBrokenOff(ctx, dossier, now, BROKEN);
  } catch (error) {
    ctx.log.warn('charge could not be put off', { charge_id: dossier.charge.id, ...errorFacts(error) });
  }
}

const BROKEN = 'An internal error keeps this charge from being attempted; see the log.';
const SEALED = 'No key of DUEDAY_TOKEN_KEYS opens the payment token: see "dueday doctor".';

/** `ended`: the method is over as another subscription's, and not yet as this one's. */
type Admitted = { readonly admission: Admission; readonly ended: TokenPast['ended'] };

async function admissionsFor(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<(dossier: ChargeDossier) => Admitted> {
  const tokens = dossiers.flatMap((dossier) => (dossier.token === null ? [] : [dossier.token.id]));
  const missed = dossiers.filter((dossier) => dossier.charge.missed).map((dossier) => dossier.charge.customerId);
  const pastOf = await tokenPasts(ctx, tokens, now);
  const lastMissed = await lastMissedAttempts(ctx.db, ctx.buckets, missed);
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
      days: retryDaysOf(ctx.catalog.current.defaults, subscription.country),
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
  dossier: ChargeDossier,
  admission: Admission,
  end: Temporal.Instant,
  now: Temporal.Instant,
): Promise<void> {
  if (admission.kind === 'attempt') return;
  const { charge } = dossier;
  ctx.log.info('charge put off', { charge_id: charge.id, why: admission.why });
  if (admission.kind === 'postpone') {
    await postponeWithin(ctx, dossier, admission, end, now);
    return;
  }
  await awaitCustomer(ctx, dossier, admission.why, now);
}
