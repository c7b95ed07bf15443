import { describe, expect, it } from 'vitest';
import type { CardTerms } from '../../src/domain/catalog/plan.ts';
import { money } from '../../src/domain/money/money.ts';
import { describePayment } from '../../src/infra/gateway/xendit/payment-requests.ts';
import { plainCards } from '../support/card-terms.ts';
import { answer, cardCharge, PAID, pay, routes, type Script, SECRET_KEY, sample, scripted } from './xendit-script.ts';

type Body = { readonly channel_properties: object };
type ErrorRow = { http: number; error_code: string; message: string; endpoints: readonly string[] };
const ERRORS = sample('errors') as unknown as readonly ErrorRow[];
type FailureRow = { readonly failure_code: string };
const FAILURES = sample('failure-codes') as unknown as { enum: FailureRow[]; also_possible: (FailureRow | string)[] };

describe('a charge is sent as Xendit documents it', () => {
  it('with the body of the minimal recurring card request, the sequence and the return URLs of a saved card', async () => {
    await using xendit = await scripted(answer(201, PAID));
    const documented = sample('payment-request-token.request.recurring');
    await pay(xendit, {
      referenceId: 'video-streaming-subscriptions',
      tokenId: 'pt-263fe30e-88f3-4d78-b8d5-22743e7392d4',
      amount: money(5_000, 'IDR'),
    });
    expect(JSON.parse(xendit.heard[0]?.body ?? '')).toEqual({
      ...documented,
      channel_properties: {
        ...(documented.channel_properties as object),
        transaction_sequence: 'SUBSEQUENT',
        success_return_url: 'https://xendit.co/success',
        failure_return_url: 'https://xendit.co/failure',
      },
      capture_method: 'AUTOMATIC',
      description: cardCharge.description,
      metadata: cardCharge.metadata,
    });
  });

  it.each<[Partial<CardTerms>, object]>([
    [{ transactionSequence: false }, { transaction_sequence: undefined }],
    [{ returnUrls: false }, { success_return_url: undefined, failure_return_url: undefined }],
    [{ skipThreeDs: true }, { skip_three_ds: true }],
    [{ skipThreeDs: false }, { skip_three_ds: false }],
    [{ statementDescriptor: 'ACME BILLING' }, { statement_descriptor: 'ACME BILLING' }],
    [{ midLabel: 'mid-1' }, { mid_label: 'mid-1' }],
  ])('%o leaves out, or adds, what an account needs otherwise', async (terms, said) => {
    const body = (cards: CardTerms) => JSON.parse(describePayment({ ...cardCharge, cards })) as Body;
    const plain = body(plainCards).channel_properties;
    expect(body({ ...plainCards, ...terms }).channel_properties).toEqual({ ...plain, ...said });
  });

  it('with the channel of a card where the catalog says so, and never with a wallet’s', () => {
    const cards = { ...plainCards, channelCode: true };
    expect(JSON.parse(describePayment(cardCharge))).not.toHaveProperty('channel_code');
    expect(JSON.parse(describePayment({ ...cardCharge, cards }))).toHaveProperty('channel_code', 'CARDS');
    const wallet = JSON.parse(describePayment({ ...cardCharge, cards, channelCode: 'OVO' })) as Body;
    expect(wallet).not.toHaveProperty('channel_code');
    expect(Object.keys(wallet.channel_properties)).toEqual(['success_return_url', 'failure_return_url']);
  });

  it('with the body of the documented wallet request', async () => {
    await using xendit = await scripted(answer(201, PAID));
    const wallet = {
      referenceId: 'recurring_touchngo_123461',
      tokenId: 'pt-tng-90392f42-d98a-49ef-a7f3',
      channelCode: 'TOUCHNGO',
      country: 'MY',
      amount: money(15_000, 'MYR'),
      description: 'Monthly toll payment - Touch n Go',
      metadata: { account_id: 'tng_123461', payment_type: 'toll_recurring' },
    };
    await pay(xendit, wallet);
    expect(JSON.parse(xendit.heard[0]?.body ?? '')).toEqual(sample('payment-request-token.request.ewallet'));
    expect(xendit.heard[0]?.body).toContain('"request_amount":150,');
  });

  it('with the key as user name, the version of v3, and the reference as idempotency key', async () => {
    await using xendit = await scripted(answer(201, PAID));
    await pay(xendit);
    expect(xendit.heard[0]).toMatchObject({ method: 'POST', path: '/v3/payment_requests' });
    expect(xendit.heard[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`,
      'api-version': '2024-11-11',
      'content-type': 'application/json',
      'idempotency-key': cardCharge.referenceId,
    });
  });

  it('byte for byte as it was described and stored', async () => {
    await using xendit = await scripted(answer(201, PAID));
    const stored = xendit.gateway.describe(cardCharge);
    await xendit.gateway.pay(stored, cardCharge.referenceId);
    expect(xendit.heard[0]?.body).toBe(stored);
  });

  it('not at all when the stored body belongs to another reference', async () => {
    await using xendit = await scripted(answer(201, PAID));
    const outcome = await xendit.gateway.pay(xendit.gateway.describe(cardCharge), 'another');
    expect(outcome).toMatchObject({ kind: 'refused', scope: 'not_sent' });
    expect(xendit.heard).toEqual([]);
  });

  it('without an idempotency key where the reference is longer than one may be', async () => {
    const referenceId = 'r'.repeat(101);
    await using xendit = await scripted(answer(201, { ...PAID, reference_id: referenceId }));
    expect(await pay(xendit, { referenceId })).toMatchObject({ kind: 'succeeded' });
    expect(xendit.heard[0]?.headers['idempotency-key']).toBeUndefined();
  });
});

describe('amounts are exact on the way out and back', () => {
  it.each([
    [1010n, 'PHP', '10.1', '10.10'],
    [1010n, 'PHP', '10.1', '1.01e1'],
    [9007199254740993n, 'USD', '90071992547409.93', '90071992547409.93'],
    [150_000n, 'IDR', '150000', '150000.00'],
    [29n, 'USD', '0.29', '0.29'],
  ] as const)('%s minor units of %s go out as %s and are recognised as %s', async (minor, currency, sent, said) => {
    const text = JSON.stringify({ ...PAID, currency }).replace('"request_amount":500000', `"request_amount":${said}`);
    await using xendit = await scripted(answer(201, text));
    expect(await pay(xendit, { amount: { minor, currency } })).toMatchObject({ kind: 'succeeded' });
    expect(xendit.heard[0]?.body).toContain(`"request_amount":${sent},`);
  });

  it.each([
    '500000.01',
    '50000',
    '5000000',
    '500000.0000000000000001',
    '-500000',
    '1e400',
    '"a lot"',
    'null',
    '[500000]',
  ])('an answer about %s instead of 500000 is no success', async (said) => {
    const text = JSON.stringify(PAID).replace('"request_amount":500000', `"request_amount":${said}`);
    await using xendit = await scripted(answer(201, text));
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('request_amount') });
  });

  it('a digit beyond what a double holds makes another amount', async () => {
    const text = JSON.stringify({ ...PAID, currency: 'USD' }).replace(':500000', ':90071992547409.94');
    await using xendit = await scripted(answer(201, text));
    const outcome = await pay(xendit, { amount: { minor: 9007199254740993n, currency: 'USD' } });
    expect(outcome).toMatchObject({ kind: 'unknown' });
  });
});

describe('the status of a charge in our words', () => {
  const payment_request_id = 'pr-90392f42-d98a-49ef-a7f3-abcezas127';
  const echo = { cardOnFileType: 'RECURRING', recurringFrequency: null, recurringExpiry: null };

  it('SUCCEEDED is succeeded, with the payment when Xendit names it', async () => {
    await using xendit = await scripted(answer(201, { ...PAID, latest_payment_id: 'py-1' }));
    const outcome = await pay(xendit);
    expect(outcome).toEqual({ kind: 'succeeded', paymentRequestId: payment_request_id, paymentId: 'py-1', echo });
  });

  it('FAILED is declined with its code and payment', async () => {
    await using xendit = await scripted(answer(201, sample('payment-request-token.response.failed.INFERRED')));
    expect(await pay(xendit)).toEqual({
      kind: 'declined',
      code: 'INSUFFICIENT_BALANCE',
      paymentRequestId: payment_request_id,
      paymentId: 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c',
      networkCode: null,
      adviceCode: null,
      actionUrl: null,
      echo,
      unread: true,
    });
  });

  it('what it repeats of the mandate is read; no channel properties say nothing of it', async () => {
    const recurring_configuration = { recurring_frequency: 1, recurring_expiry: '2031-01-31' };
    const channel_properties = { card_on_file_type: 'CUSTOMER_UNSCHEDULED', recurring_configuration };
    await using xendit = await scripted(answer(201, { ...PAID, channel_properties }));
    expect(await pay(xendit)).toMatchObject({
      echo: { cardOnFileType: 'CUSTOMER_UNSCHEDULED', recurringFrequency: 1, recurringExpiry: '2031-01-31' },
    });
    await using silent = await scripted(answer(201, { ...PAID, channel_properties: undefined }));
    expect(await pay(silent)).not.toHaveProperty('echo');
  });

  it('PENDING is pending', async () => {
    await using xendit = await scripted(answer(201, sample('payment-request-token.response.pending.INFERRED')));
    expect(await pay(xendit)).toMatchObject({ kind: 'pending', paymentRequestId: payment_request_id });
  });

  it.each([
    ['payment-request-token.response.requires_action', 'THB', null],
    ['payment-request-token.response.ewallet.requires_action', 'MYR', 'https://redirect.partner.com/touchngo-auth-xyz'],
  ] as const)('%s is declined, with a link only if it is one', async (name, currency, actionUrl) => {
    const documented = sample(name);
    await using xendit = await scripted(answer(201, documented));
    const minor = BigInt(Math.round(Number(documented.request_amount) * 100));
    const outcome = await pay(xendit, {
      referenceId: String(documented.reference_id),
      tokenId: String(documented.payment_token_id),
      amount: { minor, currency },
    });
    expect(outcome).toMatchObject({ kind: 'declined', code: 'REQUIRES_ACTION', actionUrl });
  });

  it.each([
    ['AUTHORIZED', { kind: 'pending' }],
    ['ACCEPTING_PAYMENTS', { kind: 'pending' }],
    ['CANCELED', { kind: 'declined', code: 'PAYMENT_REQUEST_CANCELED' }],
    ['EXPIRED', { kind: 'declined', code: 'PAYMENT_REQUEST_EXPIRED' }],
    ['VERIFIED', { kind: 'unknown', detail: 'status VERIFIED' }],
    ['SUCCEEDED_MAYBE', { kind: 'unknown' }],
    ['succeeded', { kind: 'unknown' }],
  ])('%s', async (status, outcome) => {
    await using xendit = await scripted(answer(201, { ...PAID, status }));
    expect(await pay(xendit)).toMatchObject({ ...outcome, paymentRequestId: payment_request_id });
  });

  it('keeps what the card network said, under either of its names', async () => {
    const failed = sample('payment-request-token.response.failed.INFERRED');
    for (const [name, network] of [
      ['network_response_code', 'R1'],
      ['card_network_response_code', '51'],
    ] as const) {
      const payment_details = { authorization_data: { [name]: network, merchant_advice_code: '03' } };
      await using xendit = await scripted(answer(201, { ...failed, payment_details }));
      expect(await pay(xendit)).toMatchObject({ kind: 'declined', networkCode: network, adviceCode: '03' });
    }
  });

  describe('of which only the payment knows what the card network said', () => {
    const failed = sample('payment-request-token.response.failed.INFERRED');
    const payment = {
      ...sample('payment-get.response.cards'),
      payment_id: failed.latest_payment_id,
      reference_id: cardCharge.referenceId,
      request_amount: 500_000,
      status: 'FAILED',
      failure_code: failed.failure_code,
      payment_details: { authorization_data: { network_response_code: 'R1', merchant_advice_code: '03' } },
    };
    const answered = (script: Script) =>
      routes({ 'POST /v3/payment_requests': answer(201, failed), 'GET /v3/payments/': script });

    it('is a decline with the words of the network', async () => {
      await using xendit = await scripted(answered(answer(200, payment)));
      const outcome = await pay(xendit);
      expect(outcome).toMatchObject({
        kind: 'declined',
        code: 'INSUFFICIENT_BALANCE',
        networkCode: 'R1',
        adviceCode: '03',
      });
      expect(xendit.heard[1]).toMatchObject({
        path: `/v3/payments/${String(failed.latest_payment_id)}`,
        headers: { 'api-version': '2024-11-11' },
      });
    });

    it('is paid when its payment succeeded after all', async () => {
      await using xendit = await scripted(answered(answer(200, { ...payment, status: 'SUCCEEDED' })));
      expect(await pay(xendit)).toMatchObject({ kind: 'succeeded', paymentId: failed.latest_payment_id });
    });

    it('is in flight while its payment is', async () => {
      await using xendit = await scripted(answered(answer(200, { ...payment, status: 'PENDING' })));
      expect(await pay(xendit)).toMatchObject({ kind: 'pending' });
    });

    it.each([
      ['not known', answer(404, { error_code: 'DATA_NOT_FOUND' })],
      ['throttled', answer(429, { error_code: 'RATE_LIMIT_EXCEEDED' })],
      ['garbage', answer(200, 'nothing')],
      ['about another charge', answer(200, { ...payment, reference_id: 'another' })],
    ])('is told as unread where the payment is %s: its network may forbid what its code allows', async (_, script) => {
      await using xendit = await scripted(answered(script));
      const said = { kind: 'declined', code: 'INSUFFICIENT_BALANCE', networkCode: null, unread: true };
      expect(await pay(xendit)).toMatchObject(said);
    });

    it('is not asked about where there is no network', async () => {
      await using xendit = await scripted(answered(answer(200, payment)));
      expect(await pay(xendit, { channelCode: 'OVO' })).toMatchObject({ kind: 'declined', networkCode: null });
      expect(xendit.heard).toHaveLength(1);
    });
  });

  it('a decline without a code is FAILURE_DETAILS_UNAVAILABLE', async () => {
    for (const failure_code of [null, undefined, '', 17, {}, 'a b\n']) {
      await using xendit = await scripted(answer(201, { ...PAID, status: 'FAILED', failure_code }));
      expect(await pay(xendit)).toMatchObject({ kind: 'declined', code: 'FAILURE_DETAILS_UNAVAILABLE' });
    }
  });

  const codes = [...FAILURES.enum, ...FAILURES.also_possible].map((row) =>
    typeof row === 'string' ? row : row.failure_code,
  );
  const timeOuts = ['TIMEOUT_ERROR', 'PARTNER_TIMEOUT_ERROR'];

  it('knows the 33 codes of the enum', () => {
    expect(FAILURES.enum).toHaveLength(33);
    expect(codes).toEqual(expect.arrayContaining(timeOuts));
  });

  it.each(codes)('%s is declined with that code, without Xendit’s spaces', async (one) => {
    await using xendit = await scripted(answer(201, { ...PAID, status: 'FAILED', failure_code: `${one} ` }));
    expect(await pay(xendit)).toMatchObject({
      kind: 'declined',
      code: one.trim(),
      paymentRequestId: payment_request_id,
    });
  });
});

describe('an answer that is not about this charge is unknown', () => {
  it.each(['payment_request_id', 'reference_id', 'status', 'currency', 'request_amount'])(
    '%s missing',
    async (field) => {
      await using xendit = await scripted(answer(201, { ...PAID, [field]: undefined }));
      expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: expect.stringContaining(field) });
    },
  );

  it.each(['reference_id', 'currency', 'request_amount', 'payment_token_id'])('another %s', async (field) => {
    const other = { reference_id: 'x', currency: 'PHP', request_amount: 1, payment_token_id: 'pt-other' };
    await using xendit = await scripted(answer(201, { ...PAID, [field]: other[field as keyof typeof other] }));
    expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: `answer: another ${field}` });
  });

  it('and an id that came with another reference is not remembered', async () => {
    await using xendit = await scripted(answer(201, { ...PAID, reference_id: 'x' }));
    expect(await pay(xendit)).toMatchObject({ paymentRequestId: null });
  });

  it('while extra, missing and null fields that we do not need change nothing', async () => {
    const { payment_token_id: _, ...rest } = PAID;
    await using xendit = await scripted(answer(200, { ...rest, actions: null, failure_code: null, surprise: [{}] }));
    expect(await pay(xendit)).toMatchObject({ kind: 'succeeded' });
  });
});

describe('every documented error has one meaning', () => {
  const meaning: Readonly<Record<string, object>> = {
    CARD_EXPIRED: { kind: 'declined', code: 'CARD_EXPIRED' },
    INVALID_PAYMENT_DETAILS: { kind: 'declined', code: 'INVALID_PAYMENT_DETAILS' },
    INVALID_TOKEN: { kind: 'declined', code: 'INVALID_TOKEN' },
    ACCOUNT_ACCESS_BLOCKED: { kind: 'declined', code: 'ACCOUNT_ACCESS_BLOCKED' },
    PAYMENT_REQUEST_RATE_LIMITED: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
    TEMPORARILY_UNAVAILABLE: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
  };
  /** Of one channel: the others are charged. */
  const ofChannel: Readonly<Record<string, object>> = Object.fromEntries(
    ['SKIP_3DS_FORBIDDEN', 'INVALID_MERCHANT_SETTINGS', 'INVALID_MERCHANT_CREDENTIALS', 'CHANNEL_NOT_ACTIVATED'].map(
      (code) => [code, { kind: 'refused', scope: 'channel' }],
    ),
  );
  const byStatus: Readonly<Record<number, object>> = {
    400: { kind: 'refused', scope: 'charge' },
    401: { kind: 'refused', scope: 'account' },
    403: { kind: 'refused', scope: 'account' },
    404: { kind: 'refused', scope: 'charge' },
    409: { kind: 'unknown' },
    422: { kind: 'refused', scope: 'charge' },
    429: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
    500: { kind: 'unknown' },
    503: { kind: 'unknown' },
  };

  it('of all 49 rows', () => expect(ERRORS).toHaveLength(49));

  it.each(ERRORS)('$http $error_code: $message', async (row) => {
    const { http, error_code, message } = row;
    await using xendit = await scripted(answer(http, { error_code, message }));
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject(meaning[error_code] ?? ofChannel[error_code] ?? byStatus[http] ?? {});
    if (outcome.kind === 'unknown') expect(outcome.detail).toContain(error_code);
    if (outcome.kind === 'refused') expect(outcome.code).toBe(error_code);
    expect(xendit.heard).toHaveLength(1);
  });

  it.each([
    [402, 'unknown', undefined],
    [404, 'refused', 'account'],
    [405, 'refused', 'charge'],
    [408, 'unknown', undefined],
    [413, 'refused', 'charge'],
    [414, 'refused', 'charge'],
    [415, 'refused', 'charge'],
    [425, 'unknown', undefined],
    [431, 'refused', 'charge'],
    [499, 'unknown', undefined],
    [502, 'unknown', undefined],
    [504, 'unknown', undefined],
    [522, 'unknown', undefined],
  ])('%i without a word of Xendit’s is %s %s', async (status, kind, scope) => {
    await using xendit = await scripted(answer(status, '<html>not Xendit</html>'));
    expect(await pay(xendit)).toMatchObject(scope === undefined ? { kind } : { kind, scope, code: `HTTP_${status}` });
  });

  it.each([409, 500, 503])('a code that would be a decline decides nothing under HTTP %i', async (status) => {
    for (const error_code of ['INVALID_TOKEN', 'CARD_EXPIRED', 'RATE_LIMIT_EXCEEDED', 'PAYMENT_REQUEST_RATE_LIMITED']) {
      await using xendit = await scripted(answer(status, { error_code, message: '' }));
      expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: `HTTP ${status} ${error_code}` });
    }
  });

  it('tells which field was refused', async () => {
    const row = ERRORS.find((one) => 'errors' in one);
    await using xendit = await scripted(answer(400, row));
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject({
      detail: expect.stringContaining('/body/session_type must have required property'),
    });
  });
});

describe('the pace that Xendit asks for', () => {
  it.each([
    [{ 'Rate-Limit-Reset': '58.37' }, 59],
    [{ 'Rate-Limit-Reset': '0.01' }, 1],
    [{ 'Rate-Limit-Reset': '0' }, 1],
    [{ 'Retry-After': '7' }, 7],
    [{ 'Rate-Limit-Reset': '3.2', 'Retry-After': '7' }, 4],
    [{ 'Rate-Limit-Reset': '-4' }, null],
    [{ 'Rate-Limit-Reset': 'soon', 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
    [{ 'Rate-Limit-Reset': '99999999' }, 3600],
    [{}, null],
  ] as [Record<string, string>, number | null][])('429 with %o waits %i s', async (headers, retryAfterSeconds) => {
    await using xendit = await scripted(answer(429, { error_code: 'RATE_LIMIT_EXCEEDED' }, headers));
    expect(await pay(xendit)).toMatchObject({ kind: 'refused', scope: 'throttled', retryAfterSeconds });
  });

  it('is not told by the endpoint’s headers where one channel has had enough', async () => {
    const headers = { 'Rate-Limit-Remaining': '583', 'Rate-Limit-Reset': '58.37' };
    await using xendit = await scripted(answer(400, { error_code: 'PAYMENT_REQUEST_RATE_LIMITED' }, headers));
    expect(await pay(xendit)).toMatchObject({ kind: 'refused', scope: 'throttled', retryAfterSeconds: null });
  });

  it('is an hour at most, however long a header says that nothing is left', async () => {
    const headers = { 'Rate-Limit-Remaining': '0', 'Rate-Limit-Reset': '99999999' };
    await using xendit = await scripted(answer(201, PAID, headers));
    await pay(xendit);
    expect(xendit.gateway.allowance()).toEqual({ remaining: 0, resetSeconds: 3_600 });
  });

  it('is the tightest that was told since it was asked for, of payment requests only', async () => {
    const left = ['583', '12', '400'];
    await using xendit = await scripted((heard, response) => {
      const remaining = heard.method === 'POST' ? (left.shift() ?? '') : '0';
      answer(201, PAID, { 'Rate-Limit-Remaining': remaining, 'Rate-Limit-Reset': '58.37' })(heard, response);
    });
    expect(xendit.gateway.allowance()).toBeNull();
    for (const _ of [1, 2, 3]) await pay(xendit);
    await xendit.gateway.session('ps-1');
    expect(xendit.gateway.allowance()).toEqual({ remaining: 12, resetSeconds: 58.37 });
    expect(xendit.gateway.allowance()).toBeNull();
  });
});
