import { expect, test } from 'vitest';
import { openMerchant, openStand } from './stand.ts';

const recurring = {
  card_on_file_type: 'RECURRING',
  recurring_configuration: { recurring_frequency: 28, recurring_expiry: '2030-01-01' },
};

test('a method that was saved with another biller is known, its customer too, and no webhook tells of it', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const { body } = await stand.post('/_sandbox/tokens', {
    customer_reference: 'cust-7',
    card_number: '4000000000001000',
  });
  const again = await stand.post('/_sandbox/tokens', { customer_reference: 'cust-7', channel_code: 'OVO' });
  await stand.pass(0);
  expect(merchant.events()).toEqual([]);
  expect(again.body.customer_id).toBe(body.customer_id);
  const token = await stand.get(`/v3/payment_tokens/${body.payment_token_id}`);
  expect(token.body).toMatchObject({
    status: 'ACTIVE',
    customer_id: body.customer_id,
    channel_code: 'CARDS',
    country: 'ID',
  });
  expect(token.body.channel_properties).not.toHaveProperty('card_on_file_type');
  expect((await stand.get(`/v3/payment_tokens/${again.body.payment_token_id}`)).body).toMatchObject({
    channel_code: 'OVO',
  });
});

test('what it was saved for is told where that is said, and a charge must lie within it', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/_sandbox/tokens', { customer_reference: 'cust-7', mandate: recurring });
  const token = await stand.get(`/v3/payment_tokens/${body.payment_token_id}`);
  expect(token.body.channel_properties).toMatchObject(recurring);
  expect((await stand.post('/_sandbox/tokens', { customer_reference: 'c', channel_code: 'NONE' })).status).toBe(400);
});
