import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { ConsentAnswer, ConsentTo } from '../../domain/methods/consent.ts';
import type { ConsentRow } from '../../infra/tables/schema/consent-columns.ts';
import { newestConsent } from '../../infra/tables/subscriptions/consents.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { record } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { openOverdue } from '../due-date/open-overdue.ts';
import { priceAskedAbout } from './notices/price-asked-about.ts';
import type { Fault } from './terms.ts';

export type ConsentInput = {
  readonly what: ConsentTo;
  readonly answer: ConsentAnswer;
  /** Of a price, the catalog version whose price they were asked about; left out: the one in force. */
  readonly subject?: string | undefined;
  /** Where the product has kept what the customer did. */
  readonly evidence: string;
  readonly actor: string;
};

/** That a customer answered; never that they were silent. */
export type Consent = ConsentRow & Pick<ConsentInput, 'answer'>;

export type RecordedConsent =
  | { readonly kind: 'recorded'; readonly consent: Consent }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'not_found' };

const ASKED: Readonly<Record<ConsentTo, string>> = {
  price: 'another price',
  extra: 'charges outside of the plan',
  save_again: 'saving a method once more',
};

/** Writes down what a customer answered, with the entry that tells of it. */
export async function recordConsent(given: Context, id: string, input: ConsentInput): Promise<RecordedConsent> {
  const ctx = await withCatalogInForce(given);
  return await untilApplied<RecordedConsent>(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      // A price that fell due while nothing ran was decided then.
      if (input.what === 'price' && (await openOverdue(ctx, [dossier], now))) return LOST;
      const about = await askedAbout(ctx, dossier, input);
      if ('kind' in about) return about;
      const { subscription } = dossier;
      const { bucket } = subscription;
      const number = ((await newestConsent(ctx.db, subscription))?.number ?? 0) + 1;
      const consent = { ...input, ...about, bucket, subscriptionId: id, number, answeredAt: now };
      const entry = record(ctx.newId(bucket), now, `subscription.consent_${input.answer}`, dossier, factsOf(consent));
      const change = { seen: subscription, agreed: { consents: [consent] }, entries: [entry] };
      return (await isApplied(ctx, change)) ? { kind: 'recorded', consent } : LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}

type About = { readonly subject: string | null };

/** The catalog version whose price they answer to; of anything else there is none. */
async function askedAbout(
  ctx: Context,
  dossier: SubscriptionDossier,
  { what, subject }: ConsentInput,
): Promise<About | Exclude<RecordedConsent, { kind: 'recorded' }>> {
  if (what === 'price') return await priceAskedAbout(ctx, dossier, subject ?? null);
  if (subject === undefined) return { subject: null };
  return { kind: 'invalid', faults: [{ field: 'subject', message: 'is said of a price alone' }] };
}

function factsOf({ what, answer, subject, evidence, actor }: Consent) {
  const named = subject === null ? ASKED[what] : `the price of catalog version ${subject}`;
  const why = `its customer was asked about ${named} (${what}); what they did is kept at: ${evidence}`;
  return { why, actor, ...(subject !== null && { detail: canonicalJson({ what, answer, subject, evidence }) }) };
}
