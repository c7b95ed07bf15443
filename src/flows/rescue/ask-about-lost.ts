import pMap from 'p-map';
import type { AccountContext, Context } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { mayBeSecond } from '../../domain/subscriptions/second-activation.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { sha256 } from '../../infra/ids.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type ChargeDossier, postponeCharge } from '../../infra/tables/charges/charges.ts';
import type { AskedFirst } from '../../infra/tables/charges/due.ts';
import { chargesToAsk, isStillToAsk, markAsked } from '../../infra/tables/charges/lost-attempts.ts';
import { applyEach } from '../change/apply-each.ts';
import { BELIEVED_AFTER, latestLoss, nextKnownAttempt } from '../charges/next-known-attempt.ts';
import { writeAttempt } from '../charges/write-attempt.ts';
import { mayCharge } from '../control/may-charge.ts';
import { ofAccount } from '../control/of-account.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { listedReferences } from './listed-references.ts';
import { adoptOffer, lostOffers } from './lost-offers.ts';

const BATCH = 64;
/** Charges that are asked about at once; Xendit's allowance for look-ups is its own (docs/xendit.md 1). */
const AT_ONCE = 16;
/** So few of them that each minute's look-ups end charges, instead of beginning all of them: what has ended no other replica asks about. */
const TURNS_OF_ONE = 15;
const AGAIN_AFTER = { minutes: 5 } as const;
/** What such a one ended with, as far as it can be told. */
export const NEVER_TAKEN: Outcome = {
  kind: 'refused',
  scope: 'never_taken',
  code: 'NEVER_TAKEN',
  detail: 'its row was lost; Xendit knows one after it, and none of this reference',
  retryAfterSeconds: null,
};

/**
 * Where rows may have been lost (a promoted standby, a restored backup), the next attempts of a charge may have been made
 * already; and where the server was restarted, those that cannot be sent twice. Their references are derived from what is still here, so Xendit is asked about them before one is made; what it
 * knows becomes our attempt and is settled like any other. A state, not a special run: every charge that was due before the
 * database was armed is asked about once, whenever it is about to be tried.
 * @returns whether some of them may be tried now.
 */
export async function askAboutLost(ctx: Context): Promise<boolean> {
  let freed = false;
  const run = ctx.newId(0);
  const started = await ctx.clock.now();
  const asked = new Set<string>();
  // Asked about, and still to be: somebody else holds their rows. The next run asks about them again.
  let left = 0;
  while (!ctx.stopping.aborted) {
    const allowed = await mayCharge(ofAccount(ctx, OWN_ACCOUNT));
    if (allowed.kind === 'no') return freed;
    const { permit } = allowed;
    // Those that are put off are due again after `started`: one run asks about each next attempt once.
    const limit = BATCH + left;
    const found = await chargesToAsk(ctx.db, ctx.buckets, started, limit, permit);
    const dossiers = found.filter((dossier) => !asked.has(nextOf(dossier)));
    if (dossiers.length === 0 && found.length < limit) return freed;
    left = found.length - dossiers.length;
    for (const dossier of dossiers) asked.add(nextOf(dossier));
    const now = await ctx.clock.now();
    const lostUntil = latestLoss(permit) ?? now;
    for (const [account, some] of Map.groupBy(dossiers, ({ charge }) => charge.account)) {
      const own = ofAccount(ctx, account);
      const listed = await listedSince(own, some, permit, lostUntil);
      const absent = await pMap(shuffled(some, run), (one) => askSafely(own, one, { lostUntil, listed }, now), {
        concurrency: atOnce(ctx),
      });
      freed ||= absent.includes(true);
    }
  }
  return freed;
}

/** In an order of this run's own: replicas that are at it together share the charges, instead of asking about each of them at the same time. */
function shuffled(dossiers: readonly ChargeDossier[], run: string): readonly ChargeDossier[] {
  const placed = dossiers.map((dossier) => ({ dossier, place: sha256(`${run} ${dossier.charge.id}`) }));
  return placed.toSorted((a, b) => (a.place < b.place ? -1 : 1)).map(({ dossier }) => dossier);
}

function atOnce({ requestsPerMinute }: Context): number {
  return requestsPerMinute === null ? AT_ONCE : Math.min(AT_ONCE, Math.ceil(requestsPerMinute / TURNS_OF_ONE));
}

/** The attempt that a charge is asked about. */
function nextOf({ charge }: ChargeDossier): string {
  return `${charge.id} ${charge.attempts + 1}`;
}

/**
 * What Xendit lists of the time in which these charges can have been tried: none was before it fell due, or, where it falls
 * due only since its subscription was activated anew, before that was created. One list answers for
 * all of them what would be four look-ups a charge; one that is longer than they are many is not worth it.
 */
async function listedSince(
  ctx: AccountContext,
  dossiers: readonly ChargeDossier[],
  asked: AskedFirst,
  lostUntil: Temporal.Instant,
): Promise<ReadonlySet<string> | null> {
  const [first] = dossiers.map((dossier) => triedFrom(dossier, asked)).toSorted(Temporal.Instant.compare);
  return first === undefined ? null : await listedReferences(ctx, first, lostUntil, dossiers.length);
}

function triedFrom({ charge, subscription }: ChargeDossier, asked: AskedFirst): Temporal.Instant {
  return mayBeSecond(subscription, asked) ? subscription.createdAt : charge.dueAt;
}

/** What is known of all that may be lost: until when, and which references Xendit lists; null where it was not asked. */
type Loss = { readonly lostUntil: Temporal.Instant; readonly listed: ReadonlySet<string> | null };

/** One that cannot be asked about is put off like one that is not answered, and holds up none of the others. */
async function askSafely(
  ctx: AccountContext,
  dossier: ChargeDossier,
  loss: Loss,
  now: Temporal.Instant,
): Promise<boolean> {
  try {
    return await ask(ctx, dossier, loss, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('charge cannot be asked about', { charge_id: dossier.charge.id, ...errorFacts(error) });
    return await putOff(ctx, dossier, now.add(AGAIN_AFTER), 'an internal error; see the log');
  }
}

/** Whether the charge may be tried. */
async function ask(
  ctx: AccountContext,
  dossier: ChargeDossier,
  { lostUntil, listed }: Loss,
  now: Temporal.Instant,
): Promise<boolean> {
  const first = await nextKnownAttempt(ctx, dossier, listed, () => isStillToAsk(ctx.db, dossier.charge));
  // The process is told to stop, or another one has asked.
  if (first === null) return false;
  const { found, before } = first;
  if (found.kind === 'unanswered')
    return await putOff(ctx, dossier, now.add(AGAIN_AFTER), `the look-up was not answered: ${found.detail}`);
  if (found.kind === 'found' && before === 0) return await adopt(ctx, dossier, found.outcome, now);
  const believed = lostUntil.add(BELIEVED_AFTER);
  if (Temporal.Instant.compare(now, believed) < 0)
    return await putOff(ctx, dossier, believed, 'Xendit does not show one yet');
  // The one behind it is adopted in its turn.
  if (found.kind === 'found') return await adopt(ctx, dossier, NEVER_TAKEN, now);
  const offers = await lostOffers(ctx, dossier, lostUntil, now);
  if (offers.kind === 'later') return await putOff(ctx, dossier, offers.at, offers.why);
  if (offers.kind === 'none') return await markAsked(ctx.db, dossier.charge, now);
  await adoptOffer(ctx, dossier, offers.offer, now);
  return false;
}

async function putOff(ctx: Context, { charge }: ChargeDossier, at: Temporal.Instant, detail: string): Promise<false> {
  const note = `Rows may have been lost: Xendit is asked whether this attempt was made already (${detail}).`;
  await postponeCharge(ctx.db, charge, { nextAttemptAt: at, waitsUntil: null, note });
  return false;
}

/** The attempt that Xendit knows becomes ours: first its row, then its outcome through the door of all outcomes. */
async function adopt(ctx: Context, dossier: ChargeDossier, outcome: Outcome, now: Temporal.Instant): Promise<false> {
  const { token } = dossier;
  if (token === null || token.tokenId === null)
    throw new Error(`Charge ${dossier.charge.id} has no payment token that can be opened.`);
  const why = 'It was found at Xendit under this reference: its row was lost with the server that had it.';
  const { change, dossier: sent } = writeAttempt(ctx, dossier, { ...token, tokenId: token.tokenId }, why, now);
  const { done, broken } = await applyEach(ctx, [change], { leaseSeconds: ctx.lease.seconds });
  if (broken.size > 0)
    return await putOff(ctx, dossier, now.add(AGAIN_AFTER), 'its row cannot be written; see the log');
  if (done.size === 0) return false;
  const about = { charge_id: dossier.charge.id, reference_id: sent.attempt.referenceId };
  ctx.log.warn('lost attempt found', { ...about, outcome: outcome.kind });
  await settleAttempts(ctx, [{ attemptId: sent.attempt.id, outcome }], now);
  return false;
}
