import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import type { AttemptRow, ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** What an entry is about. */
export type Subject = {
  readonly subscription: Pick<SubscriptionRow, 'id' | 'referenceId' | 'plan' | 'catalogVersion' | 'currency'>;
  readonly customer: { readonly referenceId: string | null; readonly xenditId: string | null };
  readonly charge?: Pick<
    ChargeRow,
    'id' | 'cycle' | 'periodStart' | 'periodEnd' | 'amount' | 'currency' | 'catalogVersion' | 'plan'
  >;
  readonly attempt?: Pick<AttemptRow, 'number' | 'referenceId' | 'paymentRequestId' | 'paymentId'>;
  readonly channel?: string | null;
};

export type Facts = Partial<
  Pick<
    Entry,
    'amount' | 'money' | 'outcome' | 'failureCode' | 'class' | 'decision' | 'why' | 'actor' | 'credit' | 'detail'
  >
>;

/** Writes down what happened, for the ledger: who and what from the rows, the rest from the moment. */
export function record(id: string, at: Temporal.Instant, kind: EntryKind, subject: Subject, facts: Facts = {}): Entry {
  const { subscription, customer, charge, attempt } = subject;
  return {
    entryId: id,
    at,
    kind,
    subscriptionReference: subscription.referenceId,
    subscriptionId: subscription.id,
    plan: charge?.plan ?? subscription.plan,
    customerReference: customer.referenceId ?? customer.xenditId,
    chargeId: charge?.id ?? null,
    cycle: charge?.cycle ?? null,
    periodStart: charge?.periodStart ?? null,
    periodEnd: charge?.periodEnd ?? null,
    attempt: attempt?.number ?? null,
    referenceId: attempt?.referenceId ?? null,
    channel: subject.channel ?? null,
    amount: facts.amount ?? charge?.amount ?? null,
    currency: charge?.currency ?? subscription.currency,
    money: facts.money ?? 0n,
    outcome: facts.outcome ?? null,
    failureCode: facts.failureCode ?? null,
    class: facts.class ?? null,
    decision: facts.decision ?? null,
    why: facts.why ?? null,
    paymentRequestId: attempt?.paymentRequestId ?? null,
    paymentId: attempt?.paymentId ?? null,
    catalogVersion: charge?.catalogVersion ?? subscription.catalogVersion,
    actor: facts.actor ?? 'dueday',
    credit: facts.credit,
    detail: facts.detail,
  };
}

/** What was done, and why a person did it. */
export function withReason(what: string, reason: string | null): string {
  return reason === null ? what : `${what}: ${reason}`;
}
