import type { FirstChargeWay } from '../../domain/catalog/plan.ts';
import type { SavedFor } from '../../domain/methods/mandate.ts';
import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import type { AskedTrial } from '../../domain/subscriptions/trial.ts';
import type { NewCustomer } from '../../infra/gateway/gateway.ts';
import type { AskedItem } from './asked-items.ts';

/** What a subscription is created from. */
export type CreateInput = {
  readonly referenceId: string;
  readonly plan: string;
  readonly customer: NewCustomer | { readonly id: string };
  readonly anchorDate: Temporal.PlainDate | null;
  /** Null: as the plan says. */
  readonly trial: AskedTrial | null;
  /** The code of a coupon; null: none. */
  readonly coupon: string | null;
  /** How many of the plan; one unless said. */
  readonly quantity?: number;
  /** Lines of the first charge. */
  readonly items?: readonly AskedItem[];
  readonly timeZone: string | null;
  readonly returnUrls: { readonly success: string | null; readonly cancel: string | null };
  readonly allowedChannels: readonly string[] | null;
  readonly locale: string | null;
  /** How and where the customer is asked; by a link to Xendit's page unless said. */
  readonly place?: SessionPlace;
  /** When cycle 0 is charged; as the plan says unless said. */
  readonly firstCharge?: FirstChargeWay | undefined;
  /** What the method is saved for; the cycles of its plan unless said. */
  readonly saveFor?: SavedFor | undefined;
  /** The method of the same customer that it is charged to from the beginning; left out: the customer saves one. */
  readonly useMethod?: string | undefined;
  /** How long the link is to be good; null: as the catalog says. */
  readonly linkMinutes?: number | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** The request as it came, canonical: the same request again is answered with the same subscription. */
  readonly canonical: string;
  /** Who asks, for the ledger; the product unless said. */
  readonly actor?: string;
};
