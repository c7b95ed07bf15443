import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow } from '../../infra/tables/schema/terms-columns.ts';
import { changePaidBy } from '../../infra/tables/subscriptions/terms.ts';
import { endedChange } from './changing/awaited-change.ts';
import { paidChange } from './changing/paid-change.ts';
import { withCreditReturned } from './credit-returned.ts';
import { record, type Subject } from './record.ts';

type By = { readonly at: Temporal.Instant; readonly actor: string };

/**
 * The change with what follows from charges that are void by it: the credit that they had used is given back, and a change of their
 * subscription that waited for one of them lapses. A charge that was forgiven counts as paid.
 */
export async function withVoided(
  ctx: Context,
  subject: Subject,
  change: Change,
  charges: readonly ChargeRow[],
  by: By,
): Promise<Change> {
  let whole = withCreditReturned(ctx, subject, change, charges, by);
  for (const charge of charges) {
    if (charge.status !== 'void' || charge.cycle !== null) continue;
    const waited = await changePaidBy(ctx.db, charge);
    if (waited === null || waited.state !== 'awaiting_payment' || isEndedBy(change, waited)) continue;
    whole = await followed(ctx, subject, whole, { charge, waited }, by);
  }
  return whole;
}

function isEndedBy({ agreed }: Change, { number }: ChangeRow): boolean {
  return agreed?.changes?.some((one) => one.number === number) === true;
}

async function followed(
  ctx: Context,
  subject: Subject,
  change: Change,
  { charge, waited }: { readonly charge: ChargeRow; readonly waited: ChangeRow },
  by: By,
): Promise<Change> {
  const subscription = { ...change.seen, ...change.subscription };
  const isForgiven = charge.byHand?.closed === 'forgiven';
  const made = isForgiven ? await paidChange(ctx, { ...subject, subscription, charge }, waited, by.at) : null;
  return made === null || 'over' in made
    ? lapsed(ctx, subject, change, { waited, why: made?.over ?? charge.note ?? 'its charge is void' }, by)
    : together(change, made);
}

function lapsed(
  ctx: Context,
  subject: Subject,
  change: Change,
  { waited, why }: { readonly waited: ChangeRow; readonly why: string },
  { at, actor }: By,
): Change {
  const { number, what, before, after } = waited;
  const facts = { why, actor, detail: canonicalJson({ number, what, before, after }) };
  return together(change, {
    agreed: { changes: [endedChange(waited, 'lapsed', why, at)] },
    entries: [record(ctx.newId(waited.bucket), at, 'subscription.change_lapsed', subject, facts)],
  });
}

/** Both, where one of them makes or ends a change of terms. */
export function together(change: Change, more: Omit<Change, 'seen'>): Change {
  const { agreed = {}, subscription = {} } = change;
  const changes = [...(agreed.changes ?? []), ...(more.agreed?.changes ?? [])];
  return {
    ...change,
    ...(more.subscription === undefined ? {} : { subscription: { ...subscription, ...more.subscription } }),
    ...(more.charges === undefined ? {} : { charges: [...(change.charges ?? []), ...more.charges] }),
    ...(more.couponTaken === undefined ? {} : { couponTaken: more.couponTaken }),
    agreed: { ...agreed, ...more.agreed, changes },
    entries: [...change.entries, ...more.entries],
  };
}
