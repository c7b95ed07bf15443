import { customers } from './resources/customers.ts';
import { disputes } from './resources/disputes.ts';
import { paymentRequests } from './resources/payment-requests.ts';
import { paymentTokens } from './resources/payment-tokens.ts';
import { payments } from './resources/payments.ts';
import { refunds } from './resources/refunds.ts';
import { sessions } from './resources/sessions.ts';
import { transactions } from './resources/transactions.ts';
import { speakerOver } from './speaker.ts';
import { httpTransport, type Transport, type TransportOptions } from './transport.ts';

export type XenditOptions = Omit<TransportOptions, 'url'> & {
  /** https://api.xendit.co where none is said: test mode or live, the key decides. */
  readonly url?: string | undefined;
};

export type Xendit = ReturnType<typeof xenditThrough>;

/**
 * A client of Xendit. Every call is sent at most once, ends within the deadline, and comes back with a result: nothing is thrown for
 * what Xendit or the network may do.
 */
export function xendit(options: XenditOptions): Xendit {
  return xenditThrough(httpTransport({ ...options, url: options.url ?? 'https://api.xendit.co' }));
}

/** The same over any way there: what is asked and how answers are read does not depend on how they travel. */
export function xenditThrough(transport: Transport) {
  const speak = speakerOver(transport);
  return {
    sessions: sessions(speak),
    paymentRequests: paymentRequests(speak),
    payments: payments(speak),
    paymentTokens: paymentTokens(speak),
    refunds: refunds(speak),
    disputes: disputes(speak),
    transactions: transactions(speak),
    customers: customers(speak),
    /** Waits for the calls that are under way, and takes no more. */
    close: () => transport.close(),
  };
}
