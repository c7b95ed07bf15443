/**
 * What a refusal of Xendit's means for a refund. `later`: it may be taken in a while. `person`: somebody has to mend something first, and then
 * say that it is tried again. `look`: Xendit may have it already. `over`: Xendit will never take it.
 */
export type Refusal = { readonly then: 'later' | 'person' | 'look' | 'over'; readonly why: string };

const over = (why: string): Refusal => ({ then: 'over', why });

/** The refusals that Xendit's pages name (docs/xendit.md 4.4), and what nobody but us names. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  INSUFFICIENT_BALANCE: {
    then: 'person',
    why: 'Your balance at Xendit does not hold it: top it up, then approve this refund again.',
  },
  REFUND_IN_PROGRESS: { then: 'later', why: 'Another refund of this payment is under way at Xendit.' },
  RATE_LIMIT_EXCEEDED: { then: 'later', why: 'Xendit asks to slow down.' },
  GATEWAY_UNREACHABLE: { then: 'later', why: 'Xendit could not be reached.' },
  DUPLICATE_ERROR: { then: 'look', why: 'Xendit says that it has a refund of this reference.' },
  REFUND_AMOUNT_EXCEEDED: over(
    "Xendit says that less than this is left of the payment: look whether somebody gave it back in Xendit's dashboard.",
  ),
  REFUND_NOT_SUPPORTED: over('The channel gives no money back: pay the customer in another way.'),
  PARTIAL_REFUND_NOT_SUPPORTED: over('The channel gives back a whole payment and no part of it.'),
  PARTIAL_REFUND_COUNTS_EXCEEDED: over('The channel gives back no more parts of this payment.'),
  INELIGIBLE_TRANSACTION_STATUS: over('Xendit says that the payment cannot be given back as it stands.'),
};

/** Why Xendit refused, and what follows; `status` is HTTP's. */
export function refusalOf(status: number, code: string, message: string): Refusal {
  const known = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (known !== undefined) return known;
  const said = `HTTP ${status} ${code}${message === '' ? '' : `: ${message}`}`;
  if (status === 429) return { then: 'later', why: `Xendit asks to slow down (${said}).` };
  if (status === 401 || status === 403)
    return {
      then: 'person',
      why: `Xendit does not let this key give money back (${said}): give it that permission, then approve this refund again.`,
    };
  if (status === 408 || status === 409 || status === 425)
    return { then: 'look', why: `Xendit may have it all the same (${said}).` };
  return over(`Xendit refused it (${said}).`);
}

/** Why a refund that Xendit had taken gave nobody their money (docs/xendit.md 4.4). */
export function failureOf(code: string | null): string {
  const because = code === null ? '' : (FAILURES[code] ?? ` (${code})`);
  return `The customer did not get the money${because}; it is in your balance at Xendit. Ask for another refund, or pay in another way.`;
}

const FAILURES: Readonly<Record<string, string>> = {
  ACCOUNT_ACCESS_BLOCKED: ', since their account is blocked',
  ACCOUNT_NOT_FOUND: ', since their account was not found',
  INSUFFICIENT_BALANCE: ', since your balance at Xendit was too low',
};
