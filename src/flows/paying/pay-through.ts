import type { Context } from '../../context.ts';
import type { Offered } from './offer.ts';
import { offerSession } from './offer-session.ts';
import { behindLink } from './pay-link.ts';

/** So long a customer who pressed the button may take to pay: Xendit's own default. Until then nothing else is tried. */
export const SESSION_MINUTES = 30;

/** The customer presses the button behind a link: they are led to Xendit's page, the same as long as it is open. */
export async function payThrough(ctx: Context, token: string): Promise<Offered> {
  const behind = await behindLink(ctx, token);
  if (behind.kind !== 'owed') return behind;
  const { dossier, link } = behind;
  const offer = { mode: 'PAYMENT_LINK', origins: null, saves: link.saves, minutes: SESSION_MINUTES } as const;
  return await offerSession(ctx, dossier.charge.id, { ...offer, actor: 'customer' });
}
