import { describe, expect, it } from 'vitest';
import type { SessionRequest } from '../../src/infra/gateway/gateway.ts';
import { answer, cardCharge, sample, scripted } from './xendit-script.ts';

const documented = sample('session-create.request.save-cards-recurring');

const request: SessionRequest = {
  referenceId: '{{$randomUUID}}',
  mode: 'PAYMENT_LINK',
  origins: null,
  country: 'ID',
  currency: 'IDR',
  customer: {
    referenceId: '{{$randomUUID}}',
    givenNames: 'Lorem',
    surname: 'Ipsum',
    email: 'test@yourdomain.com',
    mobileNumber: '+6212345678',
  },
  mandate: {
    cardOnFileType: 'RECURRING',
    recurringFrequency: 30,
    recurringExpiry: Temporal.PlainDate.from('2025-12-31'),
  },
  returnUrls: {
    success: 'https://yourcompany.com/example_item=my_example_item',
    cancel: 'https://yourcompany.com/example_item=my_example_item',
  },
  allowedChannels: null,
  cards: { statementDescriptor: null, midLabel: null },
  locale: null,
  description: '',
  metadata: { subscription_id: '0198', subscription_reference: 'sub-1001' },
};
const { metadata } = request;

async function opened(change: Partial<SessionRequest> = {}) {
  await using xendit = await scripted(answer(201, sample('session-create.response.save')));
  const session = await xendit.gateway.openSession({ ...request, ...change });
  return { session, heard: xendit.heard, body: JSON.parse(xendit.heard[0]?.body ?? '') as Record<string, unknown> };
}

it('a session to pay in tells no name of its customer either when it is refused', async () => {
  const message = 'individual_detail of Lorem Ipsum, test@yourdomain.com is wrong';
  await using xendit = await scripted(answer(400, { error_code: 'API_VALIDATION_ERROR', message }));
  const { customer } = request;
  if ('id' in customer) throw new Error('It is known.');
  const said = await xendit.gateway.openPaySession('{}', customer);
  expect(said).toMatchObject({ kind: 'refused', message: 'individual_detail of *** ***, ***@*** is wrong' });
});

describe('a SAVE session is opened as Xendit documents it', () => {
  it('with the body of its example for recurring cards, and no api-version', async () => {
    const { body, heard } = await opened();
    expect(body).toEqual({ ...documented, metadata });
    expect(heard).toMatchObject([{ method: 'POST', path: '/sessions' }]);
    expect(heard[0]?.headers['api-version']).toBeUndefined();
  });

  it('with the customer’s id once Xendit knows the customer', async () => {
    const { body } = await opened({ customer: { id: 'cust-1' } });
    const { customer: _, ...rest } = documented;
    expect(body).toEqual({ ...rest, customer_id: 'cust-1', metadata });
  });

  it('on a page of the product’s own, with its origins instead of return addresses', async () => {
    const { body } = await opened({ mode: 'COMPONENTS', origins: ['https://yourcompany.com'] });
    const { success_return_url: _, cancel_return_url: __, ...rest } = documented;
    const { mode, components_configuration } = sample('session-create.request.save-components');
    expect(body).toEqual({ ...rest, metadata, mode, components_configuration });
    expect(Object.keys(body)).not.toContain('success_return_url');
  });

  // The request of Xendit's older documents, which no page of today shows.
  it('for the older library for cards, flat and with addresses of its own', async () => {
    const { body } = await opened({ mode: 'CARDS_SESSION_JS', customer: { id: 'cust-1' }, allowedChannels: ['CARDS'] });
    expect(body).toEqual({
      reference_id: documented.reference_id,
      customer_id: 'cust-1',
      session_type: 'SAVE',
      currency: 'IDR',
      amount: 0,
      mode: 'CARDS_SESSION_JS',
      country: 'ID',
      channel_properties: {
        card_on_file_type: 'RECURRING',
        recurring_configuration: { recurring_frequency: 30, recurring_expiry: '2025-12-31' },
      },
      cards_session_js: {
        success_return_url: 'https://yourcompany.com/example_item=my_example_item',
        failure_return_url: 'https://yourcompany.com/example_item=my_example_item',
      },
      metadata,
    });
  });

  it('leaving out what is not known', async () => {
    const { body } = await opened({
      customer: { referenceId: 'c', givenNames: 'Lorem', surname: null, email: null, mobileNumber: null },
    });
    expect(body.customer).toEqual({
      reference_id: 'c',
      type: 'INDIVIDUAL',
      individual_detail: { given_names: 'Lorem' },
    });
  });

  it.each([
    ['Siti Nur-Haliza', "D'Souza", { given_names: 'SitiNurHaliza', surname: 'DSouza' }],
    ['José María', 'Ñandú', { given_names: 'JoseMaria', surname: 'Nandu' }],
    ['Đặng Thị', 'Ánh', { given_names: 'DangThi', surname: 'Anh' }],
    ['Æsa', 'Weiß', { given_names: 'AEsa', surname: 'Weiss' }],
    ['ß'.repeat(50), null, { given_names: 's'.repeat(50) }],
    ['สมชาย', 'ใจดี', { given_names: 'Customer' }],
    ['李明 3', '🙂', { given_names: '3' }],
  ])('of %s %s in the letters and digits that Xendit takes', async (givenNames, surname, sent) => {
    const { body } = await opened({
      customer: { referenceId: 'c', givenNames, surname, email: null, mobileNumber: null },
    });
    expect(body.customer).toEqual({ reference_id: 'c', type: 'INDIVIDUAL', individual_detail: sent });
  });

  it('and forgets them again in whichever letters a refusal repeats them', async () => {
    const message = 'given_names JoseMaria is on a list, as is José María';
    await using xendit = await scripted(answer(400, { error_code: 'API_VALIDATION_ERROR', message }));
    const customer = { referenceId: 'c', givenNames: 'José María', surname: null, email: null, mobileNumber: null };
    const refused = await xendit.gateway.openSession({ ...request, customer });
    expect(refused).toMatchObject({ kind: 'refused', message: 'given_names *** is on a list, as is ***' });
  });

  it('with channels, locale and description when they are given; a mandate only if a card may be chosen', async () => {
    const wallets = await opened({ allowedChannels: ['OVO', 'DANA'], locale: 'id', description: 'Pro' });
    expect(wallets.body).toMatchObject({ allowed_payment_channels: ['OVO', 'DANA'], locale: 'id', description: 'Pro' });
    expect(wallets.body.channel_properties).toBeUndefined();
    const cards = await opened({ allowedChannels: ['CARDS', 'OVO'] });
    expect(cards.body.channel_properties).toEqual(documented.channel_properties);
  });

  it('with what the customer will read on the card statement, and never without an authentication', async () => {
    const { body } = await opened({ cards: { statementDescriptor: 'ACME BILLING', midLabel: 'mid-1' } });
    const { cards } = documented.channel_properties as { cards: object };
    expect(body.channel_properties).toEqual({
      cards: { ...cards, statement_descriptor: 'ACME BILLING', mid_label: 'mid-1' },
    });
  });
});

describe('a session in our words', () => {
  it.each([
    'session-create.response.save',
    'session-create.response.save-cards-recurring.real',
    'session-create.response.save-components.real',
    'session-create.response.pay-forced-save.real',
    'session-create.response.subscription.real',
    'session-get.response',
  ])('%s', async (name) => {
    const said = sample(name);
    await using xendit = await scripted(answer(200, said));
    expect(await xendit.gateway.session('ps-1')).toMatchObject({
      kind: 'ok',
      value: {
        sessionId: said.payment_session_id,
        referenceId: said.reference_id,
        status: 'active',
        customerId: said.customer_id,
        tokenId: null,
        paymentLinkUrl: said.payment_link_url ?? null,
        expiresAt: Temporal.Instant.from(String(said.expires_at)),
      },
    });
  });

  it('canceled by us', async () => {
    await using xendit = await scripted(answer(200, sample('session-cancel.response')));
    expect(await xendit.gateway.cancelSession('ps-1')).toMatchObject({ kind: 'ok', value: { status: 'canceled' } });
    expect(xendit.heard).toMatchObject([{ method: 'POST', path: '/sessions/ps-1/cancel', body: '' }]);
  });

  it('completed, with its token', async () => {
    const said = { ...sample('session-get.response'), status: 'COMPLETED', payment_token_id: 'pt-1' };
    await using xendit = await scripted(answer(200, said));
    expect(await xendit.gateway.session('ps-1')).toMatchObject({ value: { status: 'completed', tokenId: 'pt-1' } });
  });

  it.each([
    ['a link that is no web address', { payment_link_url: 'javascript:alert(1)' }, { paymentLinkUrl: null }],
    ['a time that is none', { expires_at: 'tomorrow' }, { expiresAt: null }],
    ['PENDING of the browser SDK', { status: 'PENDING' }, { status: 'active' }],
  ])('%s', async (_name, change, value) => {
    await using xendit = await scripted(answer(200, { ...sample('session-get.response'), ...change }));
    expect(await xendit.gateway.session('ps-1')).toMatchObject({ kind: 'ok', value });
  });

  it.each([
    ['no id', { payment_session_id: null }, 'payment_session_id is missing or of another type'],
    ['a status that we do not know', { status: 'PAUSED' }, 'status is no status of a session'],
  ])('%s: nobody knows', async (_name, change, detail) => {
    await using xendit = await scripted(answer(200, { ...sample('session-get.response'), ...change }));
    expect(await xendit.gateway.session('ps-1')).toEqual({ kind: 'silent', detail: `answer: ${detail}` });
  });
});

describe('what an answer repeats of the mandate', () => {
  it('of a session is read', async () => {
    const real = sample('session-create.response.save-cards-recurring.real');
    await using xendit = await scripted(answer(201, real));
    expect(await xendit.gateway.openSession(request)).toMatchObject({
      value: { echo: { cardOnFileType: 'RECURRING', recurringFrequency: 30, recurringExpiry: '2025-12-31' } },
    });
  });

  it('of a token is read where it does, which documented ones do not', async () => {
    const documented = sample('payment-token-get.response.cards');
    await using xendit = await scripted(answer(200, documented));
    const plain = await xendit.gateway.token('pt-1');
    expect(plain.kind === 'ok' && plain.value).not.toHaveProperty('echo');
    const channel_properties = { card_on_file_type: 'MERCHANT_UNSCHEDULED' };
    await using other = await scripted(answer(200, { ...documented, channel_properties }));
    expect(await other.gateway.token('pt-1')).toMatchObject({
      value: { echo: { cardOnFileType: 'MERCHANT_UNSCHEDULED' } },
    });
  });
});

describe('an answer that is a no', () => {
  it('keeps Xendit’s words: a customer reference used before', async () => {
    const error = {
      error_code: 'DUPLICATE_ERROR',
      message: 'customer: The reference_id entered has been used before.',
    };
    await using xendit = await scripted(answer(409, error));
    expect(await xendit.gateway.openSession(request)).toEqual({
      kind: 'refused',
      status: 409,
      code: 'DUPLICATE_ERROR',
      message: error.message,
      retryAfterSeconds: null,
    });
  });

  it('is waited for when it is one of pace', async () => {
    await using xendit = await scripted(answer(429, '', { 'Rate-Limit-Reset': '12.5' }));
    expect(await xendit.gateway.session('ps-1')).toMatchObject({ kind: 'refused', status: 429, retryAfterSeconds: 13 });
  });

  it.each([301, 500, 503])('%i is no answer at all', async (status) => {
    await using xendit = await scripted(answer(status, { error_code: 'SERVER_ERROR', message: 'oops' }));
    expect(await xendit.gateway.openSession(request)).toMatchObject({ kind: 'silent' });
    expect(xendit.heard).toHaveLength(1);
  });

  it('an unreachable gateway is no answer either', async () => {
    await using xendit = await scripted((_heard, response) => response.socket?.resetAndDestroy());
    expect(await xendit.gateway.token('pt-1')).toMatchObject({
      kind: 'silent',
      detail: expect.stringContaining('ECONNRESET'),
    });
  });
});

describe('a payment token in our words', () => {
  it('of a card: the last four digits and nothing of its holder', async () => {
    await using xendit = await scripted(answer(200, sample('payment-token-get.response.cards')));
    const token = await xendit.gateway.token('pt-1');
    expect(token).toMatchObject({
      kind: 'ok',
      value: {
        channelCode: 'CARDS',
        status: 'active',
        label: '•••• 1005',
        network: 'VISA',
        expiryYear: '2028',
        expiryMonth: '09',
      },
    });
    expect(JSON.stringify(token)).not.toMatch(/Jane|Doe|example\.com|\+62|5200/);
    expect(xendit.heard).toMatchObject([{ path: '/v3/payment_tokens/pt-1', headers: { 'api-version': '2024-11-11' } }]);
  });

  it('of a wallet: no label, no balance', async () => {
    await using xendit = await scripted(answer(200, sample('payment-token-get.response.ewallet')));
    const token = await xendit.gateway.token('pt-1');
    expect(token).toMatchObject({ kind: 'ok', value: { status: 'active', label: null, network: null } });
    expect(JSON.stringify(token)).not.toMatch(/John|Doe|1000001/);
  });

  it.each([
    ['5200****1005', '•••• 1005'],
    ['2222XXXXXXXX8888', '•••• 8888'],
    ['400000XXXXXX1091', '•••• 1091'],
    ['4000000000001091', null],
  ])('the mask %s is shown as %s', async (masked_card_number, label) => {
    const said = {
      ...sample('payment-token-get.response.cards'),
      channel_properties: { card_details: { masked_card_number } },
    };
    await using xendit = await scripted(answer(200, said));
    expect(await xendit.gateway.token('pt-1')).toMatchObject({ kind: 'ok', value: { label } });
  });

  it.each([
    ['REQUIRES_ACTION', 'pending'],
    ['PENDING', 'pending'],
    ['FAILED', 'failed'],
    ['EXPIRED', 'expired'],
    ['CANCELED', 'canceled'],
  ])('%s is %s', async (status, ours) => {
    await using xendit = await scripted(answer(200, { ...sample('payment-token-get.response.cards'), status }));
    expect(await xendit.gateway.token('pt-1')).toMatchObject({ value: { status: ours } });
  });
});

describe('a customer made before', () => {
  const list = sample('customers-by-reference.response');

  it('is found by our reference, exactly', async () => {
    await using xendit = await scripted(answer(200, list));
    expect(await xendit.gateway.customerByReference('demo_1475801962607')).toEqual({
      kind: 'ok',
      value: { id: 'cust-239c16f4-866d-43e8-9341-7badafbc019f' },
    });
    expect(await xendit.gateway.customerByReference('demo')).toEqual({ kind: 'ok', value: null });
    expect(xendit.heard[0]).toMatchObject({
      path: '/customers?reference_id=demo_1475801962607',
      headers: { 'api-version': '2020-10-31' },
    });
  });

  it.each([
    [200, { data: [], has_more: false }],
    [404, { error_code: 'DATA_NOT_FOUND' }],
  ])('is none when Xendit answers %i %o', async (status, body) => {
    await using xendit = await scripted(answer(status, body));
    expect(await xendit.gateway.customerByReference(cardCharge.referenceId)).toEqual({ kind: 'ok', value: null });
  });

  it('is not known when the 404 is not Xendit’s', async () => {
    await using xendit = await scripted(answer(404, '<html>404 page not found</html>'));
    expect(await xendit.gateway.customerByReference(cardCharge.referenceId)).toMatchObject({ kind: 'refused' });
  });
});
