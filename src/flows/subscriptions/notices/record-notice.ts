import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import type { NoticeRow } from '../../../infra/tables/schema/consent-columns.ts';
import { priceNotices } from '../../../infra/tables/subscriptions/consents.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../../catalog/follow-catalog.ts';
import { stillAsSeen } from '../../change/as-seen.ts';
import { record } from '../../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../../change/until-applied.ts';
import type { Fault } from '../terms.ts';
import { notInForce } from './price-asked-about.ts';

export type NoticeInput = {
  readonly kind: 'price_change';
  /** The catalog version whose price they were told. */
  readonly subject: string;
  readonly sentAt: Temporal.Instant;
  readonly channel: string;
  readonly evidence: string | null;
  readonly actor: string;
};

export type RecordedNotice =
  | { readonly kind: 'recorded'; readonly notice: NoticeRow }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'not_found' };

/** Writes down that a customer was told of another price, with the entry that tells of it: the days until it is charged count from then. */
export async function recordNotice(given: Context, id: string, input: NoticeInput): Promise<RecordedNotice> {
  const ctx = await withCatalogInForce(given);
  return await untilApplied<RecordedNotice>(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      const faults = faultsOf(ctx, dossier?.subscription.repricing ?? null, input, now);
      if (faults.length > 0) return { kind: 'invalid', faults };
      if (dossier === null) return { kind: 'not_found' };
      const { subscription } = dossier;
      stillAsSeen(ctx, subscription);
      const known = (await priceNotices(ctx.db, subscription)).find(({ subject }) => subject === input.subject);
      if (known !== undefined)
        return { kind: 'refused', detail: `This notice is recorded already, as sent at ${known.sentAt.toString()}.` };
      const { bucket } = subscription;
      const notice: NoticeRow = { ...input, bucket, subscriptionId: id, recordedAt: now };
      const { kind, subject, sentAt, channel, evidence, actor } = input;
      const detail = canonicalJson({ kind, subject, sent_at: sentAt.toString(), channel, evidence });
      const why = `its customer was told of the price of catalog version ${subject}, by ${channel}`;
      const entry = record(ctx.newId(bucket), now, 'notice.sent', dossier, { why, detail, actor });
      const change = { seen: subscription, agreed: { sentNotices: [notice] }, entries: [entry] };
      return (await isApplied(ctx, change)) ? { kind: 'recorded', notice } : LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}

/** Told of is the version in force, or the one whose price a repricing moves the subscription to. */
function faultsOf(
  { catalog }: Context,
  repricing: Repricing | null,
  { subject, sentAt }: NoticeInput,
  now: Temporal.Instant,
): readonly Fault[] {
  const { version } = catalog.current;
  const isOther = subject !== String(version) && subject !== String(repricing?.version);
  const isAhead = Temporal.Instant.compare(sentAt, now) > 0;
  return [
    ...(isOther ? [notInForce(version)] : []),
    ...(isAhead ? [{ field: 'sent_at', message: 'must not lie ahead: record a notice once it was sent' }] : []),
  ];
}
