import type { Context } from '../../context.ts';
import { canBePaid, canHold, canRetry, canVoid, canWriteOff } from '../../domain/charges/charge.ts';
import { isToBePaid } from '../../domain/charges/waits.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { isWaitedFor } from '../change/changing/awaited-change.ts';

/** What a person may do with a charge by hand. */
export const chargeVerbs = ['release', 'retry', 'hold', 'void', 'write-off', 'forgive', 'pay'] as const;
export type ChargeVerb = (typeof chargeVerbs)[number];

/** Why it cannot be done as the charge stands, which the call answers and a page goes by; null: it can. */
export async function chargeRefusal(ctx: Context, verb: ChargeVerb, dossier: ChargeDossier): Promise<string | null> {
  const { charge, subscription } = dossier;
  const { status } = charge;
  switch (verb) {
    case 'retry':
      return retryRefusal(dossier);
    case 'void':
      return canVoid(charge)
        ? null
        : `The charge is ${status}; only one that is due, held or uncollectible, with nothing collected, can be voided.`;
    case 'forgive':
      return canVoid(charge)
        ? null
        : refusal(status, 'due, held or uncollectible, with nothing collected, can be forgiven', '');
    case 'write-off':
      if (!canWriteOff(status)) return refusal(status, 'due or held can be written off', '');
      return (await isWaitedFor(ctx, charge)) ? WAITED_FOR : null;
    case 'hold':
      if (!canHold(status)) return refusal(status, 'due can be held');
      return (await isWaitedFor(ctx, charge)) ? WAITED_FOR : null;
    case 'pay':
      if (status === 'attempting') return ON_ITS_WAY;
      if (!canBePaid(status)) return refusal(status, 'due, held or uncollectible can be paid', '');
      return (await isWaitedFor(ctx, charge)) ? PAID_FIRST : null;
    case 'release':
      if (status !== 'held') return `The charge is ${status}; only a held one can be released.`;
      if (subscription.status === 'canceled') return 'The subscription is canceled: void the charge instead.';
      return subscription.stoppedBy === null ? null : STOPPED;
  }
}

const STOPPED =
  'A payment of its customer is disputed: decide first that they are charged again (POST /v1/disputes/{id}/release).';
const BY_ITS_CUSTOMER =
  'Only its customer can pay it, on the page of POST /v1/charges/{id}/pay-link: a change of the subscription waits for it.';
export const ON_ITS_WAY =
  'An attempt is on its way and may collect it: write the payment down when its outcome is known.';
const PAID_FIRST =
  'A change of the subscription waits for it: its customer pays it on the page of POST /v1/charges/{id}/pay-link.';
const WAITED_FOR = 'A change of the subscription waits for it: withdraw that (DELETE /v1/subscriptions/{id}/change).';

function retryRefusal({ charge, subscription }: ChargeDossier): string | null {
  if (!canRetry(charge.status)) return refusal(charge.status, 'due or uncollectible can be retried');
  if (!isChargeable(subscription.status))
    return `The subscription is ${subscription.status}: nothing of it is attempted.`;
  if (subscription.stoppedBy !== null) return STOPPED;
  return isToBePaid(charge) ? BY_ITS_CUSTOMER : null;
}

/** What is held goes on by a person alone, who is told how. */
function refusal(status: string, only: string, way = ' What is held is released, or voided.'): string {
  const ways = status === 'held' ? way : '';
  return `The charge is ${status}; only one that is ${only}.${ways}`;
}
