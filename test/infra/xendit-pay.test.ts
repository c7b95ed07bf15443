import { describe, expect, it } from 'vitest';
import type { CardTerms } from '../../src/domain/catalog/plan.ts';
import { money } from '../../src/domain/money/money.ts';
import { describePayment } from '../../src/infra/gateway/xendit/payment-requests.ts';
import { plainCards } from '../support/card-terms.ts';
import { answer, cardCharge, PAID, pay, SECRET_KEY, sample, scripted } from './xendit-script.ts';

type Body = { readonly channel_properties: object };

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
