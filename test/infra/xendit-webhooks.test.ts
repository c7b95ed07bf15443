import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { money } from '../../src/domain/money/money.ts';
import { readNotice } from '../../src/infra/gateway/xendit/webhooks.ts';
import { sample } from './xendit-script.ts';

const PAYMENT = 'py-1fdaf346-dd2e-4b6c-b938-124c7167a822';
const REQUEST = 'pr-1fdaf346-dd2e-4b6c-b938-124c7167a822';

/** What each of Xendit's samples tells; a sample that is not in this table fails the test below. */
const TOLD: Readonly<Record<string, object>> = {
  'webhook.payment.capture': {
    kind: 'payment',
    referenceId: 'example_reference_id',
    paymentRequestId: REQUEST,
    paymentId: PAYMENT,
    tokenId: null,
    amount: money(10_000, 'IDR'),
    outcome: { kind: 'succeeded', paymentRequestId: REQUEST, paymentId: PAYMENT },
  },
  'webhook.payment.capture.token': {
    kind: 'payment',
    tokenId: 'pt-cc3938dc-c2a5-43c4-89d7-7570793348c2',
    amount: money(1_000_001, 'PHP'),
    outcome: { kind: 'succeeded' },
  },
  'webhook.payment.capture.card-real-excerpt': {
    kind: 'payment',
    referenceId: null,
    paymentRequestId: null,
    paymentId: 'py-37e924ed-d7eb-4d32-bcb7-111c7863cb22',
    amount: null,
    outcome: { kind: 'succeeded' },
  },
  'webhook.payment.authorization': { kind: 'payment', outcome: { kind: 'pending' } },
  'webhook.payment.failure': {
    kind: 'payment',
    amount: money(1_000_000, 'THB'),
    outcome: { kind: 'declined', code: 'INSUFFICIENT_BALANCE', paymentRequestId: REQUEST, paymentId: PAYMENT },
  },
  'webhook.payment_session.completed': {
    kind: 'session',
    session: {
      sessionId: 'ps-661f87c614802d6c402cd82d',
      status: 'completed',
      tokenId: 'pt-661f87c614802d6c402cd82d',
      referenceId: 'order_12345_PAY',
    },
  },
  'webhook.payment_session.completed.save.INFERRED': {
    kind: 'session',
    session: { status: 'completed', tokenId: 'pt-661f87c614802d6c402cd82d', referenceId: 'order_12345_SAVE' },
  },
  'webhook.payment_session.completed.subscription': { kind: 'session', session: { status: 'completed' } },
  'webhook.payment_session.expired': { kind: 'session', session: { status: 'expired', tokenId: null } },
  'webhook.payment_token.activation': {
    kind: 'token',
    tokenId: 'pt-1402feb0-bb79-47ae-9d1e-e69394d3949c',
    status: 'active',
  },
  'webhook.payment_token.activation.card-real-excerpt': { kind: 'token', status: 'active' },
  'webhook.payment_token.expiry': { kind: 'token', status: 'expired' },
  'webhook.payment_token.failure': { kind: 'token', status: 'failed' },
  'webhook.recurring.cycle.retrying.INFERRED': { kind: 'other', event: 'recurring.cycle.retrying' },
  'webhook.recurring.plan.activated.INFERRED': { kind: 'other', event: 'recurring.plan.activated' },
  // Of payments of Xendit's older products.
  'webhook.refund.failed': { kind: 'other', event: 'refund.failed' },
  'webhook.refund.succeeded': { kind: 'other', event: 'refund.succeeded' },
};

const SAMPLES = readdirSync(new URL('../fixtures/xendit/', import.meta.url))
  .filter((file) => /^webhook\..*\.json$/.test(file))
  .map((file) => file.replace(/\.json$/, ''));

describe('what each of Xendit’s samples tells', () => {
  it.each(SAMPLES)('%s', (name) => {
    expect(TOLD[name]).toBeDefined();
    expect(readNotice(sample(name))).toMatchObject(TOLD[name] ?? {});
  });
});

describe('both names of an event mean the same', () => {
  it.each([
    ['webhook.payment.capture', 'payment.succeeded'],
    ['webhook.payment.failure', 'payment.failed'],
    ['webhook.payment_token.activation', 'payment_token.activated'],
    ['webhook.payment_token.expiry', 'payment_token.expired'],
  ])('%s and %s', (name, event) => {
    expect(readNotice({ ...sample(name), event })).toEqual(readNotice(sample(name)));
  });

  it.each(['payment_request.expiry', 'payment_request.expired', 'payment.expiry'])('%s', (event) => {
    const data = { payment_request_id: REQUEST, reference_id: 'r', status: 'EXPIRED' };
    expect(readNotice({ event, data })).toMatchObject({
      kind: 'payment',
      paymentRequestId: REQUEST,
      amount: null,
      outcome: { kind: 'declined', code: 'PAYMENT_REQUEST_EXPIRED' },
    });
  });
});

describe('a notice is believed only as far as it is clear', () => {
  const capture = sample('webhook.payment.capture') as { data: object };
  const failure = sample('webhook.payment.failure') as { data: object };
  const told = (body: { data: object }, change: object) => readNotice({ ...body, data: { ...body.data, ...change } });

  it.each([['FAILED'], ['AUTHORIZED'], [null], [undefined], ['']])(
    'a capture whose status is %s is no payment',
    (status) => {
      expect(told(capture, { status })).toMatchObject({ kind: 'payment', outcome: { kind: 'unknown' } });
    },
  );

  it('a failure whose status is SUCCEEDED is neither', () => {
    expect(told(failure, { status: 'SUCCEEDED' })).toMatchObject({
      outcome: { kind: 'unknown', detail: 'payment.failure with status SUCCEEDED', paymentRequestId: REQUEST },
    });
  });

  it('codes are trimmed', () => {
    const notice = told(failure, { failure_code: 'CAPTURE_AMOUNT_EXCEEDED ' });
    expect(notice).toMatchObject({ outcome: { kind: 'declined', code: 'CAPTURE_AMOUNT_EXCEEDED' } });
  });

  it.each(['TIMEOUT_ERROR', 'PARTNER_TIMEOUT_ERROR'])(
    '%s is told as Xendit tells it: what it means is decided elsewhere',
    (failure_code) => {
      const outcome = { kind: 'declined', code: failure_code, paymentRequestId: REQUEST };
      expect(told(failure, { failure_code })).toMatchObject({ outcome });
    },
  );

  it.each([
    [10_000.5, 'IDR', null],
    ['10.10', 'PHP', money(1010, 'PHP')],
    [10.1, 'PHP', money(1010, 'PHP')],
    [10_000, 'XXX', null],
    [-1, 'IDR', null],
    [{}, 'IDR', null],
  ])('the amount %s %s', (request_amount, currency, amount) => {
    expect(told(capture, { request_amount, currency })).toMatchObject({ amount });
  });

  it('a session is known by either of its ids', () => {
    const { data, ...rest } = sample('webhook.payment_session.completed') as { data: Record<string, unknown> };
    const { payment_session_id, ...session } = data;
    const notice = readNotice({ ...rest, data: { ...session, id: payment_session_id } });
    expect(notice).toMatchObject({ kind: 'session', session: { sessionId: payment_session_id } });
  });

  it.each([
    [
      'a payment of which no id is told',
      { event: 'payment.capture', data: { status: 'SUCCEEDED' } },
      'payment.capture',
    ],
    [
      'a session without an id',
      { event: 'payment_session.completed', data: { status: 'COMPLETED' } },
      'payment_session.completed',
    ],
    [
      'a session in a state of its own',
      { event: 'payment_session.expired', data: { id: 'ps-1', status: 'LOST' } },
      'payment_session.expired',
    ],
    [
      'a token without a state',
      { event: 'payment_token.expiry', data: { payment_token_id: 'pt-1' } },
      'payment_token.expiry',
    ],
    [
      'the name of every object',
      { event: 'constructor', data: { payment_id: 'py-1', status: 'SUCCEEDED' } },
      'constructor',
    ],
    ['a dispute, which has no data', { event: 'dispute.created', id: 'd' }, 'dispute.created'],
    ['payment.verified', { event: 'payment.verified', data: {} }, 'payment.verified'],
    ['no event', { data: {} }, ''],
    ['null', null, ''],
    ['a text', 'payment.capture', ''],
    ['nothing', undefined, ''],
  ])('%s has no effect', (_name, body, event) => {
    expect(readNotice(body)).toEqual({ kind: 'other', event });
  });

  it('whatever comes, reading it never throws', () => {
    const events = fc.constantFrom(...SAMPLES.map((name) => sample(name).event), 'payment_request.expiry');
    const body = fc.record({ event: events, data: fc.anything({ withBigInt: true, withNullPrototype: true }) });
    fc.assert(
      fc.property(fc.oneof(body, fc.anything()), (one) =>
        ['session', 'payment', 'token', 'other'].includes(readNotice(one).kind),
      ),
      {
        numRuns: 2_000,
      },
    );
  });
});
