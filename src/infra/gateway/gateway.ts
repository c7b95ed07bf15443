import type { BookedPayment } from '../../domain/books/reconciliation.ts';
import type { CardTerms } from '../../domain/catalog/plan.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Mandate, MandateEcho } from '../../domain/methods/mandate.ts';
import type { Saving } from '../../domain/methods/saving.ts';
import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import type { Money } from '../../domain/money/money.ts';
import type { Dispute, DisputesPage, DisputesQuery } from './dispute.ts';
import type { Refund, RefundRequest, RefundsPage } from './refund.ts';

/** The whole of one attempt as Xendit will hear it; stored before it is sent, and sent only from what was stored. */
export type PaymentRequest = {
  readonly referenceId: string;
  readonly tokenId: string;
  readonly channelCode: string;
  readonly country: string;
  readonly amount: Money;
  readonly mandate: Mandate;
  readonly returnUrls: { readonly success: string; readonly cancel: string } | null;
  /** Said of cards only. */
  readonly cards: CardTerms;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
};

/** An attempt that Xendit may know under several names; the more are known the better it can be found. */
export type PaymentTrace = {
  readonly referenceId: string;
  readonly paymentRequestId: string | null;
  readonly amount: Money;
};

/** What a look-up found out. `absent`: Xendit does not show it, which soon after the call proves nothing. */
export type LookUp =
  | { readonly kind: 'found'; readonly outcome: Outcome }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unanswered';
      readonly detail: string;
      /** Seconds for which Xendit wants no more look-ups, on 429. */
      readonly retryAfterSeconds?: number;
    };

/** Which of the account's payments are read: those made from an instant to before another, or those of a reference. */
export type BooksQuery =
  | { readonly from: Temporal.Instant; readonly until: Temporal.Instant }
  | { readonly referenceId: string };

export type BooksPage = {
  readonly payments: readonly BookedPayment[];
  /** Entries that were not understood, and are left out. */
  readonly unreadable: number;
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
};

export type NewCustomer = {
  readonly referenceId: string;
  readonly givenNames: string;
  readonly surname: string | null;
  readonly email: string | null;
  readonly mobileNumber: string | null;
};

export type SessionRequest = SessionPlace & {
  readonly referenceId: string;
  readonly country: string;
  readonly currency: string;
  /** Either a customer that Xendit knows (cust-...), or one to be made. */
  readonly customer: { readonly id: string } | NewCustomer;
  readonly mandate: Mandate;
  readonly returnUrls: { readonly success: string; readonly cancel: string };
  readonly allowedChannels: readonly string[] | null;
  readonly cards: Pick<CardTerms, 'statementDescriptor' | 'midLabel'>;
  readonly locale: string | null;
  /** When its link ends; null: when Xendit says. */
  readonly expiresAt?: Temporal.Instant | null;
  readonly description: string;
  /** For people who look the session up at Xendit; nothing of ours relies on it. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** A session in which a customer pays a charge by hand; stored as an attempt before it is asked for, and sent only from what was stored. */
export type PaySessionRequest = Pick<
  SessionRequest,
  | 'referenceId'
  | 'mode'
  | 'origins'
  | 'country'
  | 'mandate'
  | 'returnUrls'
  | 'allowedChannels'
  | 'cards'
  | 'locale'
  | 'description'
  | 'metadata'
> & {
  readonly amount: Money;
  readonly customer: SessionRequest['customer'];
  readonly saves: Saving;
  readonly expiresAt: Temporal.Instant;
  /** What is paid, as the page says it. */
  readonly item: { readonly reference: string; readonly name: string };
};

export type Session = {
  readonly sessionId: string;
  readonly referenceId: string | null;
  readonly status: 'active' | 'completed' | 'expired' | 'canceled';
  readonly customerId: string | null;
  readonly tokenId: string | null;
  readonly paymentLinkUrl: string | null;
  readonly expiresAt: Temporal.Instant | null;
  /** What was paid in it; of a session to pay in that is completed. */
  readonly paid?: PaymentIds;
  /** What opens the session on a page of the product's own: told once, by the answer that opens it. */
  readonly sdkKey?: string;
  /** What the answer repeats of the mandate that a card is saved under. */
  readonly echo?: MandateEcho;
};

/** Masked details only: what a person may see of a payment method. */
export type Token = {
  readonly tokenId: string;
  readonly customerId: string | null;
  readonly channelCode: string;
  readonly country: string | null;
  readonly currency: string | null;
  readonly status: 'active' | 'pending' | 'failed' | 'expired' | 'canceled';
  readonly label: string | null;
  readonly network: string | null;
  readonly fingerprint: string | null;
  readonly expiryMonth: string | null;
  readonly expiryYear: string | null;
  /** Xendit's own name of it, where it says one: that of its session, with what Xendit appends. */
  readonly referenceId?: string | null;
  /** Why its customer could not save it; of one that failed. */
  readonly failureCode?: string | null;
  readonly echo?: MandateEcho;
};

export type PaymentIds = { readonly paymentRequestId: string | null; readonly paymentId: string | null };

/** An answer, or why there is none. `refused`: Xendit said no, with its words; `silent`: nobody knows whether it happened. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      /** Seconds to wait, on 429. */
      readonly retryAfterSeconds: number | null;
    }
  | { readonly kind: 'silent'; readonly detail: string };

/** What the rate headers of the last answers said about one endpoint. */
export type Allowance = { readonly remaining: number; readonly resetSeconds: number };

/** What a webhook tells, in our words; `other` is kept and answered, but has no effect. */
export type Notice =
  | { readonly kind: 'session'; readonly session: Session }
  | {
      readonly kind: 'payment';
      readonly referenceId: string | null;
      readonly paymentRequestId: string | null;
      readonly paymentId: string | null;
      readonly tokenId: string | null;
      /** null when Xendit's excerpt carries none. */
      readonly amount: Money | null;
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'token';
      readonly tokenId: string;
      readonly referenceId: string | null;
      readonly customerId: string | null;
      readonly status: Token['status'];
    }
  | {
      readonly kind: 'refund';
      readonly says: 'succeeded' | 'failed';
      readonly refundId: string;
      readonly referenceId: string | null;
      readonly paymentRequestId: string | null;
      readonly paymentId: string | null;
    }
  | { readonly kind: 'dispute'; readonly dispute: Dispute }
  | { readonly kind: 'other'; readonly event: string };

/** What is the same whichever account is spoken for: what is written before a call, and what a webhook says. */
export type Gateways = {
  /** The gateway as this account of Xendit uses it; empty: the account of the key itself (docs/xendit.md 1.1). */
  as(account: string): Gateway;
  /** The exact JSON that `pay` sends for this request. Pure: stored with the attempt before the call. */
  describe(request: PaymentRequest): string;
  /** The exact JSON that `openPaySession` sends for this request. Pure: stored with the attempt before the call. */
  describePaySession(request: PaySessionRequest): string;
  /** The exact JSON that `refund` sends for this request. Pure: stored with the refund before the call. */
  describeRefund(request: RefundRequest): string;
  /** What a webhook's body says. Pure, and never throws, whatever the body is. */
  readNotice(body: unknown): Notice;
  close(): Promise<void>;
};

/**
 * The gateway of one account, in our words: the one port through which money is asked for. No method throws for what Xendit
 * or the network may do; a thrown error is a bug of ours.
 */
export type Gateway = Gateways & {
  /** One POST of a stored body, never repeated by itself. */
  pay(body: string, referenceId: string): Promise<Outcome>;
  lookUp(trace: PaymentTrace): Promise<LookUp>;
  /** Closes a request that waits for its customer, and answers what became of it: money that came first is told. */
  closeRequest(trace: PaymentTrace): Promise<LookUp>;
  /** One page of the account's own books, in no order that may be relied on; `after` is the `next` of the page before. */
  books(query: BooksQuery, after: string | null): Promise<Answer<BooksPage>>;
  openSession(request: SessionRequest): Promise<Answer<Session>>;
  /** One POST of a stored body, never repeated by itself; `customer`: who is named in it, where Xendit does not know them yet. */
  openPaySession(body: string, customer?: NewCustomer): Promise<Answer<Session>>;
  session(sessionId: string): Promise<Answer<Session>>;
  cancelSession(sessionId: string): Promise<Answer<Session>>;
  customerByReference(referenceId: string): Promise<Answer<{ readonly id: string } | null>>;
  token(tokenId: string): Promise<Answer<Token>>;
  /** The reference under which a payment was asked for, by either of its ids. */
  referenceOf(payment: PaymentIds): Promise<Answer<string>>;
  /** One POST of a stored body, never repeated by itself. */
  refund(body: string): Promise<Answer<Refund>>;
  refundById(refundId: string): Promise<Answer<Refund>>;
  /** The refund of this reference; null where Xendit's books have none, which soon after the call proves nothing. */
  refundByReference(referenceId: string): Promise<Answer<Refund | null>>;
  /** One page of the account's own refunds, in no order that may be relied on. */
  refunds(query: BooksQuery, after: string | null): Promise<Answer<RefundsPage>>;
  disputeById(disputeId: string): Promise<Answer<Dispute>>;
  /** One page of the account's disputes, in no order that may be relied on. */
  disputes(query: DisputesQuery, after: string | null): Promise<Answer<DisputesPage>>;
  /** The tightest allowance seen since the last call, for POST /v3/payment_requests; null when no header came. */
  allowance(): Allowance | null;
};
