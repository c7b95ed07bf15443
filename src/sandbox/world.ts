import type { Account } from './account.ts';
import { Courier } from './http/courier.ts';
import { makeRateLimit, type RateLimit } from './http/rate-limit.ts';
import { type Ids, makeIds } from './ids.ts';
import { type Ledger, makeLedger } from './ledger.ts';
import { makeRequestLog, type RequestLog } from './request-log.ts';
import type { Customer, KeptAnswer } from './resources/customer.ts';
import type { Dispute } from './resources/dispute.ts';
import type { Payment } from './resources/payment.ts';
import type { PaymentRequest } from './resources/payment-request.ts';
import type { PaymentToken } from './resources/payment-token.ts';
import type { Refund } from './resources/refund.ts';
import type { Session } from './resources/session.ts';
import type { Transactions } from './resources/transaction.ts';
import type { SandboxOptions } from './sandbox.ts';
import { makeScenarios, type Scenarios } from './scenario.ts';
import { type Clock, manualClock, systemClock } from './time/clock.ts';

/** The account that the stand-in plays (the id of Xendit's documentation). */
export const BUSINESS_ID = '5f27a14a9bf05c73dd040bc8';

const LOG_LIMIT = 10_000;

/** Everything that the stand-in remembers. */
export type World = {
  /** Where the sandbox listens; known once it does. */
  url: string;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly courier: Courier;
  readonly rateLimit: RateLimit;
  readonly scenarios: Scenarios;
  readonly requestLog: RequestLog;
  readonly ledger: Ledger;
  readonly customers: {
    byId: Map<string, Customer>;
    byReference: Map<string, Customer>;
    /** What was answered under an idempotency key. */
    keys: Map<string, KeptAnswer>;
  };
  readonly sessions: { byId: Map<string, Session>; references: Set<string> };
  readonly tokens: Map<string, PaymentToken>;
  /** CARDS references are kept apart: only they must be unique (docs/xendit.md 4.2). */
  readonly paymentRequests: { byId: Map<string, PaymentRequest>; cardReferences: Set<string> };
  readonly payments: Map<string, Payment>;
  readonly transactions: Transactions;
  readonly refunds: Map<string, Refund>;
  readonly disputes: Map<string, Dispute>;
  /** What differs between accounts of Xendit, where its documents leave it open. */
  readonly account: Account;
};

export function makeWorld(options: SandboxOptions): World {
  const clock = options.clock === 'manual' ? manualClock(options.now ?? Temporal.Now.instant()) : systemClock();
  const ids = makeIds(options.seed);
  const logLimit = options.dropHistory === true ? 0 : LOG_LIMIT;
  const { webhookUrl: url, callbackToken } = options;
  return {
    url: '',
    secretKey: options.secretKey,
    clock,
    ids,
    courier: new Courier({ clock, url, callbackToken, businessId: BUSINESS_ID, newId: () => ids.uuid(), logLimit }),
    rateLimit: makeRateLimit(options.requestsPerMinute),
    scenarios: makeScenarios(),
    requestLog: makeRequestLog(logLimit),
    ledger: makeLedger(),
    customers: { byId: new Map(), byReference: new Map(), keys: new Map() },
    sessions: { byId: new Map(), references: new Set() },
    tokens: new Map(),
    paymentRequests: { byId: new Map(), cardReferences: new Set() },
    payments: new Map(),
    transactions: { byId: new Map(), byReference: new Map(), all: [], lagSeconds: 0 },
    refunds: new Map(),
    disputes: new Map(),
    account: { cardsWithoutSequence: 'charged', channelCode: 'refused', cardsSessionJs: 'refused' },
  };
}
