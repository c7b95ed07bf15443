import { describe, expect, it } from 'vitest';
import { answer, cardCharge, PAID, pay, routes, type Script, sample, scripted } from './xendit-script.ts';

type FailureRow = { readonly failure_code: string };
const FAILURES = sample('failure-codes') as unknown as { enum: FailureRow[]; also_possible: (FailureRow | string)[] };

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

describe('what is asked of a customer', () => {
  const page = { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'https://redirect.xendit.co/1' };
  const bare = { ...page, value: 'xendit.co/example' };
  const asking = (...actions: readonly unknown[]) => answer(201, { ...PAID, status: 'REQUIRES_ACTION', actions });

  it('is read whole, and an entry that is not understood loses none of the others', async () => {
    const number = { type: 'PRESENT_TO_CUSTOMER', descriptor: 'VIRTUAL_ACCOUNT_NUMBER', value: '9999 0001' };
    await using xendit = await scripted(
      asking('nonsense', null, { type: 7 }, bare, { ...page, value: 'a\u0000b' }, number, page),
    );
    expect(await pay(xendit)).toMatchObject({
      kind: 'declined',
      code: 'REQUIRES_ACTION',
      actions: [bare, number, page],
      actionUrl: page.value,
    });
  });

  it('is no address where it has no scheme, or another than the web has', async () => {
    const script = { ...page, value: 'javascript:alert(1)' };
    await using xendit = await scripted(asking(bare, script));
    expect(await pay(xendit)).toMatchObject({ actions: [bare, script], actionUrl: null });
  });

  it('is nothing of a payment that is authorized, which is no money either', async () => {
    await using xendit = await scripted(answer(201, { ...PAID, status: 'AUTHORIZED' }));
    expect(await pay(xendit)).toMatchObject({ kind: 'pending', isAuthorized: true });
  });
});
