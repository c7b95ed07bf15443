import type { Context } from '../../context.ts';
import type { EntryKind } from '../../domain/books/ledger.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { askedByHand, closedByHand } from '../../domain/charges/charge.ts';
import { givenUp, held, releasedFromHold, voided } from '../../domain/charges/moves.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import type { AttemptOutcome, ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { withVoided } from '../change/after-void.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { owingAfter } from '../change/owing-after.ts';
import { reopenedWindow } from '../change/policies.ts';
import { record, withReason } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { type ChargeVerb, chargeRefusal } from './charge-refusal.ts';
import { closedAttempts } from './closed-attempts.ts';
import { triedAgain } from './tried-again.ts';

export type ChargeChanged =
  | { readonly kind: 'changed'; readonly dossier: ChargeDossier }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

export type ByPerson = { readonly actor: string; readonly reason: string | null };

type Wanted = {
  readonly charge: ChargeRow;
  /** Every act of a person leaves its entry, with who and why. */
  readonly entry: EntryKind;
  readonly why: string;
  readonly attempts?: readonly AttemptOutcome[];
};

async function changeCharge(
  ctx: Context,
  verb: ChargeVerb,
  { id, by }: { readonly id: string; readonly by: ByPerson },
  decide: (dossier: ChargeDossier, now: Temporal.Instant) => Promise<Wanted> | Wanted,
): Promise<ChargeChanged> {
  return await untilApplied(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await chargeDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      const refused = await chargeRefusal(ctx, verb, dossier);
      if (refused !== null) return { kind: 'refused', detail: refused };
      const wanted = await decide(dossier, now);
      const why = withReason(wanted.why, by.reason);
      const subject = { ...dossier, channel: dossier.token?.channelCode ?? null };
      const leaves = Number(dossier.charge.inDunning) - Number(wanted.charge.inDunning);
      const subscription = await owingAfter(
        ctx,
        dossier.subscription,
        dossier.subscription.inDunning - leaves,
        [wanted.charge],
        now,
      );
      const write = (kind: EntryKind) =>
        record(ctx.newId(dossier.charge.bucket), now, kind, subject, { why, actor: by.actor });
      const change = {
        seen: dossier.subscription,
        subscription,
        charges: [{ ...wanted.charge, note: why }],
        attempts: wanted.attempts ?? [],
        entries: [
          write(wanted.entry),
          ...(subscription.status === dossier.subscription.status
            ? []
            : [write(`subscription.${subscription.status}`)]),
        ],
      };
      const whole = await withVoided(ctx, subject, change, change.charges, { at: now, actor: by.actor });
      if (!(await isApplied(ctx, whole))) return LOST;
      ctx.wake();
      const after = await chargeDossier(ctx.db, bucketOf(id), id);
      return after === null ? { kind: 'not_found' } : { kind: 'changed', dossier: after };
    },
    tooOften(`Charge ${id}`),
  );
}

/**
 * Tries a charge at once. Mandate and network limits still hold: the attempt is put off when they forbid it now. It spends no step
 * of the ladder: what was planned comes as it was planned, should this try be declined.
 */
export async function retryCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'retry', { id, by }, async ({ charge, subscription }, now) => {
    const tried = await triedAgain(ctx, { charge, subscription }, now);
    const byHand = askedByHand(charge.byHand, charge.nextAttemptAt);
    return { charge: { ...tried, byHand }, entry: 'charge.released', why: 'to be tried at once, by a person' };
  });
}

/** Voids a charge: it is no longer owed, and nothing of it is attempted. Its row and its reason stay. */
export async function voidCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'void', { id, by }, async ({ charge }, now) => {
    const attempts = await closedAttempts(ctx, charge, now);
    return { charge: voided(charge, 'void', now), entry: 'charge.voided', why: 'void', attempts };
  });
}

/** Forgives a charge: it is no longer owed, and its customer keeps what a payment of it would have given. */
export async function forgiveCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'forgive', { id, by }, async ({ charge }, now) => {
    const attempts = await closedAttempts(ctx, charge, now);
    const forgiven = { ...voided(charge, 'forgiven', now), byHand: closedByHand(charge.byHand, 'forgiven') };
    return { charge: forgiven, entry: 'charge.forgiven', why: 'forgiven', attempts };
  });
}

/** Writes a charge off: it stays owed, and nothing of it is tried unless a person has it tried. */
export async function writeOffCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'write-off', { id, by }, async ({ charge }, now) => {
    const attempts = await closedAttempts(ctx, charge, now);
    const written = { ...givenUp(charge, 'written off', now), byHand: closedByHand(charge.byHand, 'written_off') };
    return { charge: written, entry: 'charge.uncollectible', why: 'written off', attempts };
  });
}

/** Holds a charge back for a person: nothing of it is attempted until it is released. It stays owed, and in dunning if it was. */
export async function holdCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'hold', { id, by }, ({ charge }) => {
    const why = 'held by a person';
    return { charge: held(charge, 'by_hand', why), entry: 'charge.held', why };
  });
}

/**
 * Releases a charge from hold: it is due again. Whoever does it vouches that an attempt whose outcome is unknown did not
 * collect; should its success arrive after all, it is recorded and a refund proposed.
 */
export async function releaseCharge(ctx: Context, id: string, by: ByPerson): Promise<ChargeChanged> {
  return await changeCharge(ctx, 'release', { id, by }, async ({ charge, subscription }, now) => {
    const parked = !isChargeable(subscription.status);
    const window = await reopenedWindow(ctx, { charge, subscription }, now);
    const due = { ...releasedFromHold(charge, parked ? null : now), ...window };
    return { charge: due, entry: 'charge.released', why: 'released', attempts: await closedAttempts(ctx, charge, now) };
  });
}
