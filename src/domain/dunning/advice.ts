import type { ChargeStatus } from '../charges/charge.ts';
import type { DeclineClass } from '../declines/decline-class.ts';

/** What may be done about a charge that was not paid, for whoever looks at it or writes to its customer. */
export type Advice = {
  /** Whether the same method may be tried again. */
  readonly retry: boolean;
  /** Between which instants it is tried or waited for; null: there is no such bound. */
  readonly notBefore: Temporal.Instant | null;
  readonly notAfter: Temporal.Instant | null;
  /** Whether another payment method would help. */
  readonly otherMethod: boolean;
  /** Whether only the customer can change it, or would do well to know of it. */
  readonly askCustomer: boolean;
  readonly why: string;
};

type Means = Pick<Advice, 'retry' | 'otherMethod' | 'askCustomer'> & { readonly why: string };

/** By what kind of decline it was. */
const means: Readonly<Record<DeclineClass, Means>> = {
  funds: {
    retry: true,
    otherMethod: true,
    askCustomer: true,
    why: 'The money was not there: later, or another method.',
  },
  soft: { retry: true, otherMethod: true, askCustomer: false, why: 'The issuer declined for now: it may pass later.' },
  technical: {
    retry: true,
    otherMethod: false,
    askCustomer: false,
    why: 'It never reached the issuer: it is tried again.',
  },
  needs_customer: { retry: false, otherMethod: true, askCustomer: true, why: 'Its customer has to act first.' },
  token_dead: { retry: false, otherMethod: true, askCustomer: true, why: 'The payment method is finished.' },
  never_again: { retry: false, otherMethod: true, askCustomer: true, why: 'This card must never be tried again.' },
  our_fault: { retry: false, otherMethod: false, askCustomer: false, why: 'Our side is at fault: a person mends it.' },
  throttled: { retry: true, otherMethod: false, askCustomer: false, why: 'Xendit was too busy: it is sent again.' },
};

const aside: Means = {
  retry: false,
  otherMethod: false,
  askCustomer: false,
  why: 'Nobody declined it: it is a person of ours who has to act.',
};

const methodOver: Means = {
  retry: false,
  otherMethod: true,
  askCustomer: true,
  why: 'There is no method that can be charged.',
};

/** The names are those of the charge's row. */
export type AdvisedCharge = {
  readonly status: ChargeStatus;
  readonly inDunning: boolean;
  readonly nextAttemptAt: Temporal.Instant | null;
  readonly waitsUntil: Temporal.Instant | null;
  readonly waitsFor: string | null;
  readonly note: string | null;
};

type Facts = {
  /** Of the last decline; null: it was never declined. */
  readonly declined: DeclineClass | null;
  readonly hasMethod: boolean;
  /** The end of its dunning window; null where its rules cannot be read. */
  readonly windowEnd: Temporal.Instant | null;
};

/** Null where nothing is wrong with it, or nothing can be done: it is paid, void, on its way, or due for the first time. */
export function adviceOf(charge: AdvisedCharge, { declined, hasMethod, windowEnd }: Facts): Advice | null {
  const said = (what: Means, bounds: Pick<Advice, 'notBefore' | 'notAfter'>): Advice => ({
    ...what,
    ...bounds,
    why: charge.note ?? what.why,
  });
  const meant = !hasMethod ? methodOver : declined === null ? aside : means[declined];
  const never = { notBefore: null, notAfter: null };
  switch (charge.status) {
    case 'held':
      return said(aside, never);
    case 'uncollectible':
      return said(meant, never);
    case 'due': {
      if (charge.waitsFor !== null) return said(aside, { notBefore: null, notAfter: charge.waitsUntil });
      if (charge.waitsUntil !== null)
        return said({ ...meant, ...customersTurn }, { notBefore: null, notAfter: charge.waitsUntil });
      const isTried = charge.inDunning || declined !== null;
      return isTried ? said(meant, { notBefore: charge.nextAttemptAt, notAfter: windowEnd }) : null;
    }
    case 'attempting':
    case 'paid':
    case 'void':
    case 'refunded':
    case 'partially_refunded':
      return null;
  }
}

const customersTurn = { retry: false, otherMethod: true, askCustomer: true } as const;
