import { describe, expect, onTestFinished, test } from 'vitest';
import type { CardTerms } from '../../src/domain/catalog/plan.ts';
import { money } from '../../src/domain/money/money.ts';
import type { Gateway, SessionRequest } from '../../src/infra/gateway/gateway.ts';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';
import { openStand, SECRET_KEY, type Stand } from '../sandbox/stand.ts';
import { plainCards } from '../support/card-terms.ts';

const mandate = {
  cardOnFileType: 'RECURRING',
  recurringFrequency: 1,
  recurringExpiry: Temporal.PlainDate.from('2035-06-01'),
} as const;
const returnUrls = { success: 'https://shop.test/ok', cancel: 'https://shop.test/no' };

/** What we say, and a stand-in for Xendit that was written from its documents alone. */
async function both(): Promise<{ readonly stand: Stand; readonly gateway: Gateway }> {
  const stand = await openStand();
  const gateway = xenditGateway({ url: stand.url, secretKey: SECRET_KEY });
  onTestFinished(() => gateway.close());
  return { stand, gateway };
}

async function saved(stand: Stand, gateway: Gateway, change: Partial<SessionRequest> = {}, how: object = {}) {
  const opened = await gateway.openSession({
    referenceId: 'due_1_s1',
    mode: 'PAYMENT_LINK',
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
