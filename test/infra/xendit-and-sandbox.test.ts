import { describe, expect, onTestFinished, test } from 'vitest';
import type { CardTerms } from '../../src/domain/catalog/plan.ts';
import { attemptNamed } from '../../src/domain/charges/attempt.ts';
import { money } from '../../src/domain/money/money.ts';
import { isOfTheReference } from '../../src/flows/onboarding/start-onboarding.ts';
import type { Gateway, PaySessionRequest, SessionRequest } from '../../src/infra/gateway/gateway.ts';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';
import { openMerchant, openStand, SECRET_KEY, type Stand } from '../sandbox/stand.ts';
import { plainCards } from '../support/card-terms.ts';

const SUBSCRIPTION = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';
const mandate = {
  cardOnFileType: 'RECURRING',
  recurringFrequency: 1,
  recurringExpiry: Temporal.PlainDate.from('2035-06-01'),
} as const;
const returnUrls = { success: 'https://shop.test/ok', cancel: 'https://shop.test/no' };

/** What we say, and a stand-in for Xendit that was written from its documents alone. */
async function both(more: { webhookUrl?: string } = {}): Promise<{ readonly stand: Stand; readonly gateway: Gateway }> {
  const stand = await openStand(more);
  const gateway = xenditGateway({ url: stand.url, secretKey: SECRET_KEY });
  onTestFinished(() => gateway.close());
  return { stand, gateway };
}

async function saved(stand: Stand, gateway: Gateway, change: Partial<SessionRequest> = {}, how: object = {}) {
  const opened = await gateway.openSession({
    referenceId: 'due_1_s1',
    mode: 'PAYMENT_LINK',
    origins: null,
    country: 'ID',
    currency: 'IDR',
    customer: {
      referenceId: 'c-1',
      givenNames: 'José',
      surname: 'สุข',
      email: 'j@example.com',
      mobileNumber: '+6281234567',
    },
    mandate,
    returnUrls,
    allowedChannels: null,
    cards: { statementDescriptor: 'ACME BILLING', midLabel: null },
    locale: 'id',
    description: 'Pro',
    metadata: { subscription_id: '1', subscription_reference: 'sub-1' },
    ...change,
  });
  if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened));
  const done = await stand.post(`/_sandbox/sessions/${opened.value.sessionId}/complete`, how);
  return String(done.body.payment_token_id);
}

describe('a method is saved', () => {
  test('on a page of the product’s own, whose key is answered once', async () => {
    const { stand, gateway } = await both();
    const tokenId = await saved(stand, gateway, { mode: 'COMPONENTS', origins: ['https://shop.example.com'] });
    expect(await gateway.token(tokenId)).toMatchObject({
      kind: 'ok',
      value: { status: 'active', channelCode: 'CARDS' },
    });
    const [asked] = (await stand.get('/_sandbox/requests?path=/sessions')).body.data;
    expect(asked.body).not.toHaveProperty('success_return_url');
  });

  test('with the older library for cards, where the account has it', async () => {
    const { stand, gateway } = await both();
    await saved(stand, gateway);
    const known = await gateway.customerByReference('c-1');
    if (known.kind !== 'ok' || known.value === null) throw new Error(JSON.stringify(known));
    const older = { mode: 'CARDS_SESSION_JS', customer: known.value } as const;
    await expect(saved(stand, gateway, { ...older, referenceId: 'due_1_s2' })).rejects.toThrow('MODE_NOT_SUPPORTED');
    await stand.post('/_sandbox/account', { cards_session_js: 'allowed' });
    const tokenId = await saved(stand, gateway, { ...older, referenceId: 'due_1_s3' });
    expect(await gateway.token(tokenId)).toMatchObject({ kind: 'ok', value: { status: 'active' } });
  });
});

describe('a card is charged, whichever account Xendit has set up', () => {
  test.each<[object, Partial<CardTerms>, object]>([
    [{}, {}, { kind: 'succeeded' }],
    [{}, { transactionSequence: false, returnUrls: false }, { kind: 'succeeded' }],
    [{}, { skipThreeDs: true, statementDescriptor: 'ACME BILLING', midLabel: 'mid-1' }, { kind: 'succeeded' }],
    [{ cards_without_sequence: 'ask_customer' }, {}, { kind: 'succeeded' }],
    [
      { cards_without_sequence: 'ask_customer' },
      { transactionSequence: false },
      { kind: 'declined', code: 'REQUIRES_ACTION' },
    ],
    [{ channel_code: 'required' }, { channelCode: true }, { kind: 'succeeded' }],
    [{ channel_code: 'required' }, {}, { kind: 'refused', code: 'API_VALIDATION_ERROR' }],
    [{}, { channelCode: true }, { kind: 'refused', code: 'API_VALIDATION_ERROR' }],
  ])('%o with %o: %o', async (account, terms, outcome) => {
    const { stand, gateway } = await both();
    const tokenId = await saved(stand, gateway);
    await stand.post('/_sandbox/account', account);
    const body = gateway.describe({
      referenceId: 'due_1_0_1',
      tokenId,
      channelCode: 'CARDS',
      country: 'ID',
      amount: money(150_000, 'IDR'),
      mandate,
      returnUrls,
      cards: { ...plainCards, ...terms },
      description: 'Pro',
      metadata: { cycle: '0' },
    });
    expect(await gateway.pay(body, 'due_1_0_1')).toMatchObject(outcome);
  });
});

test('money of a card goes back: taken, found by its reference, listed, and over', async () => {
  const { stand, gateway } = await both();
  const tokenId = await saved(stand, gateway);
  const amount = money(150_000, 'IDR');
  const request = {
    channelCode: 'CARDS',
    country: 'ID',
    mandate,
    returnUrls,
    cards: plainCards,
    description: 'Pro',
    metadata: {},
  };
  const body = gateway.describe({ referenceId: 'due_1_0_1', tokenId, amount, ...request });
  const paid = await gateway.pay(body, 'due_1_0_1');
  const paymentRequestId = paid.kind === 'succeeded' ? (paid.paymentRequestId ?? '') : '';
  const wish = { paymentRequestId, reason: 'REQUESTED_BY_CUSTOMER', metadata: { charge_id: 'c-1' } } as const;
  const part = gateway.describeRefund({ ...wish, referenceId: 'due_1_r1', amount: money(50_000, 'IDR') });
  expect(await gateway.refund(part)).toMatchObject({
    kind: 'ok',
    value: { status: 'pending', referenceId: 'due_1_r1' },
  });
  expect(await gateway.refund(part)).toMatchObject({ kind: 'refused', code: 'REFUND_IN_PROGRESS' });
  await stand.pass(5);
  const found = await gateway.refundByReference('due_1_r1');
  expect(found).toMatchObject({ kind: 'ok', value: { status: 'succeeded', amount: money(50_000, 'IDR') } });
  expect(await gateway.refunds({ referenceId: 'due_1_r1' }, null)).toMatchObject({
    kind: 'ok',
    value: { refunds: [{ referenceId: 'due_1_r1', isGone: true }], unreadable: 0, next: null },
  });
  const rest = gateway.describeRefund({ ...wish, referenceId: 'due_1_r2', amount: money(100_001, 'IDR') });
  expect(await gateway.refund(rest)).toMatchObject({ kind: 'refused', code: 'REFUND_AMOUNT_EXCEEDED' });
  expect(await gateway.refundByReference('due_1_r2')).toEqual({ kind: 'ok', value: null });
});

test('a method that asks each time is saved where nothing says what may be, and collects nothing by itself', async () => {
  const { stand, gateway } = await both();
  const tokenId = await saved(stand, gateway, { country: 'PH', currency: 'PHP' }, { channel_code: 'UBP_DIRECT_DEBIT' });
  const body = gateway.describe({
    referenceId: 'due_1_0_1',
    tokenId,
    channelCode: 'UBP_DIRECT_DEBIT',
    country: 'PH',
    amount: money(49_950, 'PHP'),
    mandate,
    returnUrls,
    cards: plainCards,
    description: 'Pro',
    metadata: {},
  });
  expect(await gateway.pay(body, 'due_1_0_1')).toMatchObject({ kind: 'declined', code: 'REQUIRES_ACTION' });
  expect((await stand.get('/_sandbox/ledger')).body).toEqual({ collected: {}, count: 0 });
});

describe('a session to pay in', () => {
  const offer: PaySessionRequest = {
    referenceId: `due_${SUBSCRIPTION}_0_p2`,
    mode: 'PAYMENT_LINK',
    origins: null,
    country: 'ID',
    amount: money(150_000, 'IDR'),
    customer: { id: '' },
    saves: 'OPTIONAL',
    mandate,
    returnUrls,
    allowedChannels: null,
    cards: { statementDescriptor: 'ACME BILLING', midLabel: null },
    locale: 'id',
    expiresAt: Temporal.Instant.from('2025-06-01T00:31:00Z'),
    item: { reference: 'pro-monthly', name: 'Pro' },
    description: 'Pro, 2025-06-01 to 2025-06-30',
    metadata: { cycle: '0' },
  };
  const traced = { referenceId: offer.referenceId, amount: offer.amount };

  async function offered(change: Partial<PaySessionRequest> = {}) {
    const { received, url: webhookUrl } = await openMerchant();
    const { stand, gateway } = await both({ webhookUrl });
    await saved(stand, gateway);
    const known = await gateway.customerByReference('c-1');
    if (known.kind !== 'ok' || known.value === null) throw new Error(JSON.stringify(known));
    const body = gateway.describePaySession({ ...offer, customer: known.value, ...change });
    const opened = await gateway.openPaySession(body);
    if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened));
    return { stand, gateway, body, received, session: opened.value };
  }

  test('is paid on its page: it names the payment, which has its reference with what Xendit appends', async () => {
    const { stand, gateway, received, session } = await offered();
    expect(session).toMatchObject({ status: 'active', paymentLinkUrl: expect.stringContaining('/pay/ps-') });
    await stand.post(`/_sandbox/sessions/${session.sessionId}/complete`, { save: true });
    const after = await gateway.session(session.sessionId);
    if (after.kind !== 'ok' || after.value.paid === undefined) throw new Error(JSON.stringify(after));
    expect(after.value).toMatchObject({ status: 'completed', tokenId: expect.stringMatching(/^pt-/) });
    const { paymentRequestId, paymentId } = after.value.paid;
    const outcome = { kind: 'succeeded', paymentRequestId, paymentId };
    expect(await gateway.lookUp({ ...traced, paymentRequestId })).toMatchObject({ kind: 'found', outcome });
    expect(await gateway.lookUp({ ...traced, paymentRequestId: null })).toEqual({ kind: 'absent' });
    const other = { ...traced, referenceId: `due_${SUBSCRIPTION}_0_p3`, paymentRequestId };
    expect(await gateway.lookUp(other)).toMatchObject({ kind: 'unanswered' });
    const notices = received.map((one) => gateway.readNotice(one.body));
    const capture = notices.find((one) => one.kind === 'payment');
    expect(capture).toMatchObject({ paymentId, referenceId: expect.stringMatching(/_0_p2_[A-Za-z0-9]{10}$/) });
    expect(attemptNamed(capture?.kind === 'payment' ? capture.referenceId : null)?.referenceId).toBe(offer.referenceId);
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'session', session: expect.objectContaining({ paid: after.value.paid }) }),
    );
  });

  test('on a page of the product has a key and no link', async () => {
    const { session } = await offered({ mode: 'COMPONENTS', origins: ['https://shop.example.com'] });
    expect(session).toMatchObject({ paymentLinkUrl: null, sdkKey: expect.stringMatching(/^session-/) });
  });

  test('is refused a second time under the same reference, and told apart from other refusals', async () => {
    const { gateway, body } = await offered();
    const again = await gateway.openPaySession(body);
    expect(again.kind === 'refused' && isOfTheReference(again)).toBe(true);
    const wrong = await gateway.openPaySession(body.replace('"quantity":1', '"quantity":2').replace('_p2', '_p3'));
    expect(wrong).toMatchObject({ kind: 'refused', code: 'INVALID_AMOUNT' });
    expect(wrong.kind === 'refused' && isOfTheReference(wrong)).toBe(false);
  });

  test('that nobody pays expires, and one that is canceled cannot be paid', async () => {
    const { stand, gateway, session } = await offered({ saves: 'DISABLED' });
    expect(await gateway.cancelSession(session.sessionId)).toMatchObject({ kind: 'ok', value: { status: 'canceled' } });
    const paid = await stand.post(`/_sandbox/sessions/${session.sessionId}/complete`, {});
    expect(paid.status).toBe(422);
    expect(await gateway.cancelSession(session.sessionId)).toMatchObject({ kind: 'refused', status: 422 });
  });
});
