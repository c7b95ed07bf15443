import type { Context } from '../../../context.ts';
import { entryWords } from '../../../domain/charges/story/entry-words.ts';
import type { LogRow } from '../../../infra/tables/books/ledger.ts';
import type { MethodLife } from '../../../infra/tables/methods/subscription-methods.ts';
import { answersOf, priceNotices } from '../../../infra/tables/subscriptions/consents.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { endView } from '../list-methods.ts';

export type Happened = {
  readonly at: string;
  readonly what: string;
  readonly why: string | null;
  readonly actor: string;
};

/** Something that the customer was told or answered, with where that is kept. */
export type Told = {
  readonly at: Temporal.Instant;
  readonly what: string;
  readonly evidence: string | null;
  readonly actor: string;
};

/** What these say is why, too. */
const PLAIN: readonly string[] = ['charge.opened', 'attempt.sent', 'charge.paid'];

/** The last entries of its ledger as lines, newest first. */
export function happenedOf(entry: LogRow): Happened {
  const text = (value: string | number | null) => (value === null ? null : String(value));
  const number = (value: string | number | null) => (value === null ? null : Number(value));
  const what = entryWords({
    kind: String(entry.kind),
    cycle: number(entry.cycle),
    chargeId: text(entry.charge_id),
    attempt: number(entry.attempt),
    outcome: text(entry.outcome),
  });
  const isPlain = PLAIN.includes(String(entry.kind)) || entry.outcome === 'succeeded';
  return { at: String(entry.at), what, why: isPlain ? null : text(entry.why), actor: String(entry.actor) };
}

/** A method with its life: saved, ended or removed, or until when it may be counted on. */
export function methodLifeView({ token, removedAt }: MethodLife, { subscription }: SubscriptionDossier) {
  const { id, channelCode, network, label, savedAt, endedAt, endedReason } = token;
  const over = endedAt ?? removedAt;
  return {
    channelCode,
    network,
    label,
    isInUse: id === subscription.tokenId,
    savedAt,
    overAt: over,
    overWhy: endedAt === null ? null : endedReason,
    endsOn: endView(token, subscription).ends_on,
    endsBy: endView(token, subscription).ends_by,
  };
}

/** What they were told of prices, and whatever they answered, in the order of time. */
export async function toldOf(ctx: Context, { subscription }: SubscriptionDossier): Promise<readonly Told[]> {
  const [notices, answers] = await Promise.all([priceNotices(ctx.db, subscription), answersOf(ctx.db, subscription)]);
  const all = [
    ...notices.map(({ sentAt, subject, channel, evidence, actor }) => {
      return { at: sentAt, what: `Told the price of catalog version ${subject}, by ${channel}`, evidence, actor };
    }),
    ...answers.map(({ answeredAt, what, answer, subject, evidence, actor }) => {
      const of = subject === null ? '' : ` of catalog version ${subject}`;
      return { at: answeredAt, what: `${ANSWERS[answer]} ${ASKED[what]}${of}`, evidence, actor };
    }),
  ];
  return all.toSorted((a, b) => Temporal.Instant.compare(a.at, b.at));
}

const ANSWERS = { given: 'Agreed to', refused: 'Refused', silence: 'Did not answer about' } as const;
const ASKED = {
  price: 'the price',
  extra: 'charges outside of the plan',
  save_again: 'saving the method once more',
} as const;
