import type { Context } from '../../context.ts';
import { isLoopback } from '../../domain/catalog/web-address.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { type NotPayable, whyNotPayable } from '../../domain/charges/charge.ts';
import { isToBePaid, linkedUntil } from '../../domain/charges/waits.ts';
import type { Saving } from '../../domain/methods/saving.ts';
import { waitEnd } from '../../domain/subscriptions/pay-first.ts';
import { linkKey } from '../../infra/tables/access/link-key.ts';
import { newestLink, payLink } from '../../infra/tables/charges/by-hand/pay-links.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import type { PayLinkRow } from '../../infra/tables/schema/paying-columns.ts';
import { type LinkName, payToken, readPayToken } from '../../infra/vault/pay-token.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { record } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import type { LinkEnded } from './offer.ts';

/** Where links to pay lead, below the address at which the world finds us. */
const PAY_PATH = '/pay/';
/** So long a link is good unless somebody says otherwise: longer than a customer puts a mail aside. */
const LINK_MINUTES = 30 * 24 * 60;

export type LinkWanted = {
  /** How long it is to be good; null: thirty days. */
  readonly linkMinutes: number | null;
  /** What is done with the method that the customer pays with. */
  readonly saves: Saving;
  readonly actor: string;
};

export type LinkOpened =
  /** `same`: it was handed out before, and is still good. */
  | { readonly kind: 'opened' | 'same'; readonly url: string; readonly expiresAt: Temporal.Instant }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

/**
 * An address of our own at which a customer may pay a charge by hand, whatever it is for. Nothing happens at Xendit before the
 * customer asks for it there, so it may be mailed and looked at by machines; what is planned of the charge stays planned.
 */
export async function openPayLink(ctx: Context, chargeId: string, wanted: LinkWanted): Promise<LinkOpened> {
  // Found out now, and not by the customer.
  if (leadsNowhere(ctx)) return { kind: 'refused', detail: NOWHERE };
  return await untilApplied(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await chargeDossier(ctx.db, bucketOf(chargeId), chargeId);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      const fault = whyNotPayable(dossier.charge.status);
      if (fault !== null) return { kind: 'refused', detail: refusal(dossier) };
      const before = await newestLink(ctx.db, dossier.charge.bucket, chargeId);
      if (before !== null && isGood(before, now)) return await told(ctx, 'same', before);
      const link = newLink(dossier, (before?.number ?? 0) + 1, wanted, now);
      const why = `a link to pay by hand, good until ${link.expiresAt.toString()}`;
      const entry = record(ctx.newId(link.bucket), now, 'charge.link_opened', dossier, { why, actor: wanted.actor });
      const { charge, subscription } = dossier;
      const charges = isToBePaid(charge) ? [linkedUntil(charge, link.expiresAt)] : [];
      const change = { seen: subscription, offered: { links: [link] }, charges, entries: [entry] };
      return (await isApplied(ctx, change)) ? await told(ctx, 'opened', link) : LOST;
    },
    tooOften(`Charge ${chargeId}`),
  );
}

const NOWHERE =
  'Customers cannot reach this daemon where it says that it is: set PUBLIC_URL to its https address, and start it anew.';

/** With a live key real customers get the link, and this machine is not theirs. */
function leadsNowhere({ key, publicUrl }: Context): boolean {
  return key.mode === 'live' && isLoopback(URL.parse(publicUrl)?.hostname ?? 'localhost');
}

function refusal({ charge }: ChargeDossier): string {
  const ways: Partial<Record<typeof charge.status, string>> = {
    held: ' Release it first (POST /v1/charges/{id}/release), or void it.',
    attempting: ' Ask again once its outcome is known.',
  };
  return `The charge is ${charge.status}: only one that is due or uncollectible can be paid by hand.${ways[charge.status] ?? ''}`;
}

function newLink(dossier: ChargeDossier, number: number, wanted: LinkWanted, now: Temporal.Instant): PayLinkRow {
  const { charge } = dossier;
  return {
    bucket: charge.bucket,
    chargeId: charge.id,
    number,
    subscriptionId: charge.subscriptionId,
    saves: wanted.saves,
    expiresAt: endOf(dossier, wanted.linkMinutes, now),
    createdAt: now,
  };
}

/** A link is what a change waits for that its customer pays first: it is good within the days that they pay for. */
function endOf(
  { charge, subscription }: ChargeDossier,
  minutes: number | null,
  now: Temporal.Instant,
): Temporal.Instant {
  if (!isToBePaid(charge)) return now.add({ minutes: minutes ?? LINK_MINUTES });
  const wanted = minutes === null ? charge.waitsUntil : now.add({ minutes });
  return waitEnd(subscription, charge.periodEnd, now, wanted ?? undefined);
}

async function told(ctx: Context, kind: 'opened' | 'same', link: PayLinkRow): Promise<LinkOpened> {
  const token = payToken(await linkKey(ctx.db), link);
  return { kind, url: `${ctx.publicUrl.replace(/\/+$/, '')}${PAY_PATH}${token}`, expiresAt: link.expiresAt };
}

function isGood({ expiresAt }: PayLinkRow, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(now, expiresAt) < 0;
}

/** What stands behind a link: what its customer owes, or why nothing can be paid there, for good or just `now`. */
export type Behind =
  | { readonly kind: 'not_found' }
  | NotPayable
  | LinkEnded
  | { readonly kind: 'owed'; readonly dossier: ChargeDossier; readonly link: PayLinkRow };

/** Reads a link, and changes nothing, however often it is looked at. */
export async function behindLink(ctx: Context, token: string): Promise<Behind> {
  const named = readPayToken(await linkKey(ctx.db), token);
  const [link, dossier] = named === null ? [null, null] : await rowsOf(ctx, named);
  if (link === null || dossier === null) return { kind: 'not_found' };
  const fault = whyNotPayable(dossier.charge.status);
  if (fault !== null) return fault;
  if (!isGood(link, await ctx.clock.now())) return { kind: 'over', as: 'ended', why: 'the link has ended' };
  return { kind: 'owed', dossier, link };
}

async function rowsOf(ctx: Context, { chargeId, number }: LinkName) {
  const bucket = bucketOf(chargeId);
  return await Promise.all([payLink(ctx.db, bucket, chargeId, number), chargeDossier(ctx.db, bucket, chargeId)]);
}
