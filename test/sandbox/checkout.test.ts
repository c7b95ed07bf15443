import { expect, test } from 'vitest';
import { type Answer, documented, openMerchant, openSession, openStand, type Stand, sessionBody } from './stand.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };
const CARD = { action: 'save', channel: 'CARDS', card_number: '4000000000001000', expiry: '12/30', cvn: '123' };

function submit(stand: Stand, path: string, fields: Record<string, string>): Promise<Answer> {
  return stand.post(path, new URLSearchParams(fields).toString(), FORM);
}

test('the link of a session leads to a page that offers the country’s channels, a test card filled in', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', sessionBody({ description: 'Pro plan' }));
  expect(body.payment_link_url).toBe(`${stand.url}/pay/${body.payment_session_id}`);
  const page = await stand.get(`/pay/${body.payment_session_id}`, { authorization: '' });
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const channels = [...page.body.matchAll(/name="channel" value="(\w+)"/g)].map((match) => match[1]);
  expect(channels).toEqual(['CARDS', 'BRI_DIRECT_DEBIT', 'DANA', 'GOPAY_RECURRING', 'OVO', 'SHOPEEPAY', 'NEXCASH']);
  expect(page.body).toContain('value="4000000000001000"');
  expect(page.body).toContain('Pro plan');
});

test('the page offers only the channels that were allowed', async () => {
  const stand = await openStand();
  const id = await openSession(stand, { allowed_payment_channels: ['OVO', 'DANA'] });
  const page = await stand.get(`/pay/${id}`);
  expect([...page.body.matchAll(/name="channel" value="(\w+)"/g)].map((match) => match[1])).toEqual(['DANA', 'OVO']);
  expect(page.body).not.toContain('Card number');
  expect((await submit(stand, `/pay/${id}`, CARD)).status).toBe(422);
});

test('every field has a label, and nothing may run on the page', async () => {
  const stand = await openStand();
  const page = await stand.get(`/pay/${await openSession(stand)}`);
  for (const [, id] of page.body.matchAll(/<input id="(\w+)"/g)) expect(page.body).toContain(`<label for="${id}">`);
  expect(page.body).toContain('<html lang="en">');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('pressing Save stores the method and leads back to the shop', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const id = await openSession(stand, { success_return_url: 'https://shop.test/thanks?a=1&b=2' });
  const done = await submit(stand, `/pay/${id}`, CARD);
  expect(done.status).toBe(303);
  expect(done.headers.get('location')).toBe('https://shop.test/thanks?a=1&b=2');
  const session = (await stand.get(`/sessions/${id}`)).body;
  expect(session).toMatchObject({ status: 'COMPLETED', payment_token_id: expect.stringMatching(/^pt-/) });
  await stand.pass(0);
  expect(merchant.events().sort()).toEqual(['payment_session.completed', 'payment_token.activation']);
});

test('a wallet is saved without a card', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  await submit(stand, `/pay/${id}`, { action: 'save', channel: 'DANA', card_number: '', expiry: '', cvn: '' });
  const { payment_token_id: token } = (await stand.get(`/sessions/${id}`)).body;
  expect((await stand.get(`/v3/payment_tokens/${token}`)).body.channel_code).toBe('DANA');
});

test('pressing Cancel leads back to the shop and leaves the session open', async () => {
  const stand = await openStand();
  const id = await openSession(stand, { cancel_return_url: 'https://shop.test/basket' });
  const done = await submit(stand, `/pay/${id}`, { action: 'cancel' });
  expect(done.headers.get('location')).toBe('https://shop.test/basket');
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('ACTIVE');
});

test('without an address of the shop the page itself says how it ended', async () => {
  const stand = await openStand();
  const id = await openSession(stand, { success_return_url: undefined });
  const done = await submit(stand, `/pay/${id}`, CARD);
  expect(done.status).toBe(200);
  expect(done.body).toContain('Thank you');
});

test.each([
  'https://example.com/thanks',
  'https://shop.example.org/thanks?order=1',
  'https://shop.example/thanks',
  'https://nobody.invalid/',
])('an address that is only an example (%s) is told instead of opened, since nobody is there', async (address) => {
  const stand = await openStand();
  const id = await openSession(stand, { success_return_url: address, cancel_return_url: address });
  const left = await submit(stand, `/pay/${id}`, { action: 'cancel' });
  expect(left.status).toBe(200);
  expect(left.body).toContain('<h1>Canceled</h1>');
  const done = await submit(stand, `/pay/${id}`, CARD);
  expect(done.status).toBe(200);
  expect(done.body).toContain('<h1>Thank you</h1>');
  expect(done.body).toContain(`<code>${address}</code>`);
  expect(done.body).toContain('return_urls');
});

test.each([
  [
    'https://shop.test/спасибо?order=заказ',
    'https://shop.test/%D1%81%D0%BF%D0%B0%D1%81%D0%B8%D0%B1%D0%BE?order=%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7',
  ],
  ['https://магазин.test/', 'https://xn--80aairftm.test/'],
  ['https://myexample.com/thanks', 'https://myexample.com/thanks'],
  ['https://shop.test/\u{1f600}\u202e', 'https://shop.test/%F0%9F%98%80%E2%80%AE'],
])('the shop at %s is found, whatever script it is written in', async (address, location) => {
  const stand = await openStand();
  const id = await openSession(stand, { success_return_url: address });
  const done = await submit(stand, `/pay/${id}`, CARD);
  expect(done.status).toBe(303);
  expect(done.headers.get('location')).toBe(location);
});

test('the fields of a card show beside a chosen card alone, without a script', async () => {
  const stand = await openStand();
  const { body } = await stand.get(`/pay/${await openSession(stand)}`);
  expect(body).toContain('form:not(:has([data-card]:checked)) .card { display: none; }');
  expect(body).toContain('<fieldset class="card">');
  const cards = [...body.matchAll(/value="(\w+)" data-card/g)].map(([, code]) => code);
  expect(cards).toEqual(['CARDS']);
});

test('a challenge card asks for the one-time password, and the right one saves it', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  const asked = await submit(stand, `/pay/${id}`, { ...CARD, card_number: '4000 0000 0000 2503' });
  expect(asked.status).toBe(200);
  expect(asked.body).toContain('One-time password');
  expect(asked.body).toContain('400000XXXXXX2503');
  expect(asked.body).not.toContain('4000000000002503');
  expect((await submit(stand, `/pay/${id}/otp`, { otp: '1234' })).status).toBe(303);
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('COMPLETED');
});

test('a wrong one-time password fails, and the customer may try again', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  await submit(stand, `/pay/${id}`, { ...CARD, card_number: '5200000000002151' });
  const failed = await submit(stand, `/pay/${id}/otp`, { otp: '0000' });
  expect(failed.status).toBe(422);
  expect(failed.body).toContain('AUTHENTICATION_FAILED');
  expect((await stand.get(`/sessions/${id}`)).body.status).toBe('ACTIVE');
  // The challenge is over: its password is good for nothing any more.
  expect((await submit(stand, `/pay/${id}/otp`, { otp: '1234' })).headers.get('location')).toBe(`/pay/${id}`);
  expect((await submit(stand, `/pay/${id}`, CARD)).status).toBe(303);
});

test.each([
  ['a short number', { card_number: '4000' }, 'card_number-fault'],
  ['no expiry', { expiry: '' }, 'expiry-fault'],
  ['a card that has expired', { expiry: '05/25' }, 'expiry-fault'],
  ['a thirteenth month', { expiry: '13/30' }, 'expiry-fault'],
  ['a short security code', { cvn: '12' }, 'cvn-fault'],
  ['three digits where AMEX has four', { card_number: '378282246310005' }, 'cvn-fault'],
])('%s is told beside its field', async (_name, change, fault) => {
  const stand = await openStand();
  const id = await openSession(stand);
  const page = await submit(stand, `/pay/${id}`, { ...CARD, ...change });
  expect(page.status).toBe(422);
  expect(page.body).toContain(`aria-describedby="${fault}"`);
  expect(page.body.match(/class="wrong" id=/g)).toHaveLength(1);
});

test('a card expires after its month, not in it', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  expect((await submit(stand, `/pay/${id}`, { ...CARD, expiry: '06/25' })).status).toBe(303);
});

test('nothing that anyone writes becomes markup', async () => {
  const stand = await openStand();
  const nasty = `"><script>alert(1)</script>'&`;
  const id = await openSession(stand, { description: nasty, reference_id: `<b>${nasty}` });
  const shown = await stand.get(`/pay/${id}`);
  const returned = await submit(stand, `/pay/${id}`, { ...CARD, card_number: nasty, expiry: nasty, channel: 'CARDS' });
  for (const page of [shown, returned]) {
    expect(page.body).not.toContain('<script');
    expect(page.body).not.toContain('<b>');
    expect(page.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;');
  }
});

test('a link that is over says so and saves nothing', async () => {
  const stand = await openStand();
  const id = await openSession(stand);
  await stand.pass(1_800);
  expect((await stand.get(`/pay/${id}`)).status).toBe(410);
  const late = await submit(stand, `/pay/${id}`, CARD);
  expect(late.status).toBe(410);
  expect(late.body).toContain('expired');
  expect((await stand.get('/pay/ps-unknown')).status).toBe(404);
});

test('a payment that needs the customer is approved or declined on its page', async () => {
  const stand = await openStand();
  const { body } = await stand.post('/sessions', sessionBody({ channel_properties: undefined }));
  await submit(stand, `/pay/${body.payment_session_id}`, CARD);
  const { payment_token_id } = (await stand.get(`/sessions/${body.payment_session_id}`)).body;
  const outcomes = [];
  for (const action of ['approve', 'decline']) {
    const charge = await stand.post('/v3/payment_requests', {
      ...documented('payment-request-token.request.cit'),
      payment_token_id,
      reference_id: action,
      country: 'ID',
      currency: 'IDR',
      request_amount: 20_000,
    });
    const path = new URL(charge.body.actions[0].value).pathname;
    expect((await stand.get(path)).body).toContain('Approve IDR 20,000?');
    const done = await submit(stand, path, { action });
    outcomes.push([done.headers.get('location'), (await stand.get(path)).status]);
  }
  expect(outcomes).toEqual([
    ['https://xendit.co/success', 410],
    ['https://xendit.co/failure', 410],
  ]);
  expect((await stand.get('/_sandbox/ledger')).body).toEqual({ collected: { IDR: 20_000 }, count: 1 });
});
