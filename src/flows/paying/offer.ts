import type { NotPayable } from '../../domain/charges/charge.ts';
import type { Saving } from '../../domain/methods/saving.ts';
import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';

/** How a customer is to pay a charge. */
export type Offer = SessionPlace & {
  readonly saves: Saving;
  /** What this session has otherwise than its subscription and the catalog say; a field that is null is as they say. */
  readonly asked?: {
    readonly returnUrls: { readonly success: string; readonly cancel: string };
    readonly allowedChannels: readonly string[] | null;
    readonly locale: string | null;
    readonly description: string;
  };
  /** One that is open is closed for it, and not offered again. */
  readonly isNew?: boolean;
  /** How long the session is to be open. */
  readonly minutes: number;
  readonly actor: string;
};

/** The link was good until then; another one may be asked for. */
export type LinkEnded = { readonly kind: 'over'; readonly as: 'ended'; readonly why: string };

/** What came of asking for a session in which a charge can be paid. */
export type Offered =
  /** `sdkKey`: what opens it on a page of the product's own, told once. */
  | { readonly kind: 'open'; readonly session: Onboarding; readonly sdkKey: string | null }
  | { readonly kind: 'not_found' }
  | NotPayable
  | LinkEnded
  /** Xendit cannot be asked, or did not answer: it is worth trying again. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly retryAfterSeconds: number | null };
