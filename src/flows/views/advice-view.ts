import type { Context } from '../../context.ts';
import { classify } from '../../domain/declines/decline.ts';
import type { DeclineClass } from '../../domain/declines/decline-class.ts';
import { adviceOf } from '../../domain/dunning/advice.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { windowEndOf } from '../change/policies.ts';

export type AdviceView = {
  readonly retry: boolean;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly other_method: boolean;
  readonly ask_customer: boolean;
  readonly why: string;
};

/** What may be done about a charge, by its state and its last failure code; null: nothing is wrong with it. */
export async function adviceView(ctx: Context, dossier: ChargeDossier): Promise<AdviceView | null> {
  const { charge, token } = dossier;
  const facts = {
    declined: declinedAs(ctx, dossier),
    hasMethod: token?.status === 'active',
    windowEnd: charge.status === 'due' ? await endOf(ctx, dossier) : null,
  };
  const advice = adviceOf(charge, facts);
  if (advice === null) return null;
  return {
    retry: advice.retry,
    not_before: advice.notBefore?.toString() ?? null,
    not_after: advice.notAfter?.toString() ?? null,
    other_method: advice.otherMethod,
    ask_customer: advice.askCustomer,
    why: advice.why,
  };
}

/** A network's word is in the charge's state already: what it forbids is not planned, and its method is dead. */
function declinedAs(ctx: Context, { charge, token }: ChargeDossier): DeclineClass | null {
  const { lastFailureCode: code } = charge;
  if (code === null) return null;
  const declined = { kind: 'declined', code, networkCode: null, adviceCode: null, actionUrl: null } as const;
  const known = { ...declined, paymentRequestId: null, paymentId: null };
  return classify(known, ctx.catalog.current.defaults.declines, token?.channelCode).class;
}

/** Null where its rules cannot be read: it is shown all the same. */
async function endOf(ctx: Context, dossier: ChargeDossier): Promise<Temporal.Instant | null> {
  try {
    return await windowEndOf(ctx, dossier);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    return null;
  }
}
