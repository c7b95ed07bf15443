import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import { cycleStart, localDate } from '../../domain/calendar/cycle.ts';
import { type NoticeDays, noticesOf } from '../../domain/methods/expiry-notices.ts';
import { type EndedBy, type MethodEnd, methodEnd } from '../../domain/methods/method-end.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import {
  type ExpiringMethod,
  lookAgainAt,
  methodsToLookAt,
} from '../../infra/tables/subscriptions/expiring-methods.ts';
import { laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { applyEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';
import { nameOf } from './next-method.ts';

const BATCH = 500;
/** Methods that were saved before anybody looked are looked at beside the work of the day, some thousands a minute. */
const MOST_BATCHES = 5;

/** Until one that cannot be worked with is looked at again. */
const LATER = { hours: 24 } as const;

/** What a look at a method came to: when it is looked at next, and what is told of it now. */
type Looked = {
  readonly seen: ExpiringMethod;
  readonly next: Temporal.Instant | null;
  readonly tell: { readonly days: NoticeDays; readonly end: MethodEnd } | null;
};

/**
 * Tells that a method expires or must be saved again: 30, 7 and 1 days before its last day, each once. Only of the method that a
 * subscription is charged to, and only where something is still to be charged after that day: one that was replaced is not told of.
 */
export async function tellOfExpiring(ctx: Context): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES && !ctx.stopping.aborted; batch += 1) {
    const now = await ctx.clock.now();
    const found = await methodsToLookAt(ctx.db, ctx.buckets, now, BATCH);
    const charged = found.flatMap(({ subscription }) => (subscription === null ? [] : [subscription]));
    const later = await laterOf(ctx.db, charged);
    const looked = found.map((one) => lookSafely(ctx, one, later.get(one.subscription?.id ?? '')?.terms ?? [], now));
    await planLooks(
      ctx,
      looked.filter(({ tell }) => tell === null),
    );
    // One that somebody changed meanwhile is looked at again, with the next batch.
    const { broken } = await applyEach(
      ctx,
      looked.flatMap((one) => noticeOf(ctx, one, now)),
    );
    await planLooks(
      ctx,
      looked
        .filter(({ seen }) => broken.has(seen.subscription?.id ?? ''))
        .map(({ seen }) => ({ seen, next: now.add(LATER) })),
    );
    if (found.length < BATCH) return;
  }
}

async function planLooks(ctx: Context, looked: readonly Pick<Looked, 'seen' | 'next'>[]): Promise<void> {
  const looks = looked.map(({ seen: { method }, next }) => ({ ...method, before: method.noticeAt, noticeAt: next }));
  await lookAgainAt(ctx.db, ctx.buckets, looks);
}

/** A row that cannot be worked with is put off and told of, so that it never blocks the others. */
function lookSafely(ctx: Context, seen: ExpiringMethod, later: readonly TermsRow[], now: Temporal.Instant): Looked {
  try {
    return lookAt(seen, later, now);
  } catch (error) {
    ctx.log.error('the end of a method cannot be told', { method: seen.method.id, ...errorFacts(error) });
    return { seen, next: now.add(LATER), tell: null };
  }
}

function lookAt(seen: ExpiringMethod, later: readonly TermsRow[], now: Temporal.Instant): Looked {
  const { method, subscription } = seen;
  if (subscription === null || isOver(subscription)) return { seen, next: null, tell: null };
  const end = methodEnd({
    ...method,
    country: method.country ?? subscription.country,
    savedOn: localDate(method.savedAt, subscription.timeZone),
  });
  const { tell: days, next } = noticesOf(end, method.noticeTold, subscription, now);
  const isTold = days !== null && isNeededAfter(subscription, later, end.on);
  return { seen, next, tell: isTold ? { days, end } : null };
}

function isOver({ status }: SubscriptionRow): boolean {
  return status === 'canceled' || status === 'ended';
}

/** Whether a cycle falls due after that day. */
function isNeededAfter(subscription: SubscriptionRow, later: readonly TermsRow[], day: Temporal.PlainDate): boolean {
  if (subscription.anchor === null || subscription.nextCycleAt === null) return false;
  const { next, over } = placeOf(subscription, later);
  if (over === null) return true;
  return over > next && Temporal.PlainDate.compare(cycleStart(scheduleOf(subscription, later), over - 1), day) > 0;
}

const BY: Readonly<Record<EndedBy, string>> = {
  mandate: 'its customer agreed to charges until then',
  card: 'so it is printed on the card',
  channel: 'its channel keeps a saved method until then',
};

function noticeOf(ctx: Context, { seen, next, tell }: Looked, now: Temporal.Instant): readonly Change[] {
  const { method, subscription, customer } = seen;
  if (tell === null || subscription === null) return [];
  const { days, end } = tell;
  const { bucket, id } = method;
  const left = localDate(now, subscription.timeZone).until(end.on).days;
  const why = `${nameOf(method)} can be charged until ${end.on.toString()} (${BY[end.by]}); ${WAY_OUT}`;
  const detail = canonicalJson({ method: id, ends_on: end.on.toString(), ends_by: end.by, days, days_left: left });
  const about = { subscription, customer, channel: method.channelCode };
  return [
    {
      seen: subscription,
      agreed: { notices: [{ bucket, id, noticeAt: next, noticeTold: days }] },
      entries: [record(ctx.newId(bucket), now, 'method.expiring', about, { why, detail })],
    },
  ];
}

const WAY_OUT = 'POST /v1/subscriptions/{id}/onboarding makes a link with which the customer saves another';
