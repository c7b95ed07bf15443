import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { ConsentAnswer, ConsentTo } from '../../domain/methods/consent.ts';
import type { ConsentRow } from '../../infra/tables/schema/consent-columns.ts';
import { newestConsent } from '../../infra/tables/subscriptions/consents.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';

export type ConsentInput = {
  readonly what: ConsentTo;
  readonly answer: ConsentAnswer;
  /** Where the product has kept what the customer did. */
  readonly evidence: string;
  readonly actor: string;
};

const ASKED: Readonly<Record<ConsentTo, string>> = {
  price: 'another price',
  extra: 'charges outside of the plan',
  save_again: 'saving a method once more',
};

/** Writes down what a customer answered, with the entry that tells of it; null: there is no such subscription. */
export async function recordConsent(ctx: Context, id: string, input: ConsentInput): Promise<ConsentRow | null> {
  return await untilApplied<ConsentRow | null>(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return null;
      const { subscription } = dossier;
      const { bucket } = subscription;
      const number = ((await newestConsent(ctx.db, subscription))?.number ?? 0) + 1;
      const row: ConsentRow = { ...input, bucket, subscriptionId: id, number, answeredAt: now };
      const why = `its customer was asked about ${ASKED[input.what]} (${input.what}); what they did is kept at: ${input.evidence}`;
      const kind = `subscription.consent_${input.answer}` as const;
      const entry = record(ctx.newId(bucket), now, kind, dossier, { why, actor: input.actor });
      const change = { seen: subscription, agreed: { consents: [row] }, entries: [entry] };
      return (await isApplied(ctx, change)) ? row : LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}
