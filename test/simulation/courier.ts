import { receiveWebhook } from '../../src/flows/inbox/receive-webhook.ts';
import { between, type Chance, oneOf, spread } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import { paymentPayload, refundPayload, sessionPayload, tokenPayload, webhook } from './payloads.ts';
import type { XenditRefund } from './refunds.ts';
import { isNoAnswer, type Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';
import { type Method, type Payment, type Session, toldOf } from './xendit.ts';

/** Brings Xendit's webhooks to whichever replica the load balancer picks. */
export type Courier = {
  tellPayment(payment: Payment): void;
  tellSession(session: Session, method: Method): void;
  tellPaid(session: Session): void;
  tellExpired(session: Session): void;
  tellEnd(method: Method): void;
  tellRefund(refund: XenditRefund): void;
  /** How many are still under way. */
  underWay(): number;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Xendit's own schedule after the first try (test/fixtures/xendit/webhook-retry-schedule.json). */
const RETRIES = [15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

type Mail = {
  readonly event: string;
  readonly data: object;
  readonly since: number;
  /** Whether nobody else would ever tell it: a success after a failure that we hold for final. */
  readonly isTheOnlyNews: boolean;
  readonly delivered: () => void;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly faults: Swarm;
  readonly replicas: readonly Replica[];
  /** Whether a sweep finds what no webhook tells. */
  readonly hasBooks: boolean;
  tell(line: string): void;
  /** A webhook was not taken for a reason that no fault explains. */
  failed(fault: string): void;
};

export function courierOf({ time, random, faults, replicas, hasBooks, tell, failed }: Given): Courier {
  let underWay = 0;

  function post(mail: Omit<Mail, 'since'>): void {
    const since = time.now();
    if (faults.strikes('webhookLost') && !mail.isTheOnlyNews) return;
    const late = faults.strikes('webhookLate');
    const copies = faults.strikes('webhookDoubled') ? 2 : 1;
    const again = faults.strikes('webhookAgain') ? 1 : 0;
    for (let copy = 0; copy < copies + again; copy += 1) {
      const delay =
        copy === copies
          ? between(random, 24, 120) * HOUR
          : late
            ? spread(random, 1_000, 24 * HOUR)
            : between(random, 5, 5_000);
      underWay += 1;
      time.at(since + delay, () => void deliver({ ...mail, since: since + delay }, 0));
    }
  }

  async function deliver(mail: Mail, tries: number): Promise<void> {
    const body = webhook(mail.event, mail.data, time.instant());
    const raw = JSON.stringify(body);
    try {
      await oneOf(random, replicas).serve((ctx) => receiveWebhook(ctx, { raw, body, webhookId: null }));
      underWay -= 1;
      mail.delivered();
    } catch (error) {
      if (!isNoAnswer(error)) failed(`webhook ${mail.event} failed: ${String(error)}`);
      again(mail, tries);
    }
  }

  function again(mail: Mail, tries: number): void {
    const wait = RETRIES[tries] ?? (mail.isTheOnlyNews ? RETRIES.at(-1) : undefined);
    if (wait === undefined) {
      tell(`webhook ${mail.event} is given up`);
      underWay -= 1;
      return;
    }
    const at = Math.max(mail.since + wait, time.now() + MINUTE);
    time.at(at, () => void deliver(mail, tries + 1));
  }

  function forge(payment: Payment): void {
    const data = paymentPayload(payment) as { request_amount: number; payment_request_id: string };
    const lie = oneOf<object>(random, [
      { request_amount: data.request_amount * 100 },
      { currency: 'USD' },
      { payment_request_id: `${data.payment_request_id}0` },
      { reference_id: `${payment.referenceId}9` },
    ]);
    const told = { ...data, status: 'SUCCEEDED', failure_code: undefined, ...lie };
    post({ event: 'payment.capture', data: told, isTheOnlyNews: false, delivered: () => undefined });
  }

  return {
    tellPayment(payment) {
      const failed = payment.status !== 'SUCCEEDED';
      const event = !failed ? 'payment.capture' : payment.status === 'EXPIRED' ? 'payment.expiry' : 'payment.failure';
      const data = paymentPayload(payment);
      const delivered = () => {
        if (failed) toldOf(payment, time.now());
      };
      post({ event, data, isTheOnlyNews: payment.succeededLate && !hasBooks, delivered });
      if (faults.strikes('webhookForged')) forge(payment);
    },
    tellSession(session, method) {
      const nothing = { isTheOnlyNews: false, delivered: () => undefined };
      post({ event: 'payment_session.completed', data: sessionPayload(session), ...nothing });
      post({ event: 'payment_token.activation', data: tokenPayload(method), ...nothing });
    },
    tellPaid: (session) =>
      post({
        event: 'payment_session.completed',
        data: sessionPayload(session),
        isTheOnlyNews: false,
        delivered: () => undefined,
      }),
    tellExpired: (session) =>
      post({
        event: 'payment_session.expired',
        data: sessionPayload(session),
        isTheOnlyNews: false,
        delivered: () => undefined,
      }),
    tellEnd: (method) =>
      post({
        event: 'payment_token.expiry',
        data: tokenPayload(method),
        isTheOnlyNews: false,
        delivered: () => {
          method.endToldAt ??= time.now();
        },
      }),
    tellRefund(refund) {
      const event = refund.status === 'SUCCEEDED' ? 'refund.succeeded' : 'refund.failed';
      // Documented with its envelope in its envelope.
      const data = webhook(event, refundPayload(refund), time.instant());
      const delivered = () => {
        refund.isTold = true;
      };
      post({ event, data, isTheOnlyNews: refund.cameBack && !hasBooks, delivered });
    },
    underWay: () => underWay,
  };
}
