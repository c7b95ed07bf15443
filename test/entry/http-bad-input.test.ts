import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { type Answer, adminKey, apiOver, fieldsOf } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const id = await world.onboard('there');
await world.work();
const [charge] = await world.charges(id);
const nobody = '019a0000-0000-7000-8000-000000000001';
const good = { reference_id: 'bad', plan: 'monthly', customer: { reference_id: 'c-bad', given_names: 'Siti' } };
const headers = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` };
const cursor = (position: object) => Buffer.from(JSON.stringify(position)).toString('base64url');

/** Nothing of the inside in an answer: no stack, no SQL, no path, no name of a library. */
function isPlainProblem(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.type).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.text).not.toMatch(/\bat \w+ \(|node_modules|select |insert |postgres|drizzle|zod|FST_|src\//i);
}

async function rows(): Promise<unknown> {
  return await world.db.run(sql`select (select count(*) from subscriptions) as subscriptions,
    (select count(*) from customers) as customers, (select count(*) from onboardings) as onboardings,
    (select count(*) from names) as names, (select count(*) from ledger) as entries`);
}

const bodies: readonly (readonly [what: string, body: unknown, fields: readonly string[]])[] = [
  ['nothing', undefined, ['body']],
  ['no object', [], ['body', 'customer']],
  ['null', null, ['body']],
  ['all missing', {}, ['customer', 'plan', 'reference_id']],
  ['wrong types', { reference_id: 1, plan: [], customer: 'x' }, ['customer', 'plan', 'reference_id']],
  ['unknown fields', { ...good, price: 1, customer: { ...good.customer, vip: 1 } }, ['customer.vip', 'price']],
  ['both customers', { ...good, customer_id: `cust-${'1'.repeat(36)}` }, ['customer']],
  ['neither customer', { reference_id: 'bad', plan: 'monthly' }, ['customer']],
  [
    'what only the catalog knows beside what the schema knows',
    { reference_id: '', plan: 'no-such', anchor_date: '2026-01-30', customer: { reference_id: 'c' } },
    ['anchor_date', 'customer.given_names', 'plan', 'reference_id'],
  ],
  [
    'a past anchor in a zone that is none, with a URL that is none',
    {
      ...good,
      anchor_date: '2026-01-30',
      time_zone: 'Mars/Base',
      onboarding: { success_return_url: 'http://a.example' },
    },
    ['anchor_date', 'onboarding.success_return_url', 'time_zone'],
  ],
  ['an unknown plan', { ...good, plan: '__proto__' }, ['plan']],
  ['a past anchor', { ...good, anchor_date: '2026-01-30' }, ['anchor_date']],
  ['no date', { ...good, anchor_date: '2026-02-30' }, ['anchor_date']],
  ['a date beyond all calendars', { ...good, anchor_date: '9999-12-31' }, ['anchor_date']],
  ['no time zone', { ...good, time_zone: 'Mars/Base' }, ['time_zone']],
  ['an offset for a zone', { ...good, time_zone: '+07:00' }, ['time_zone']],
  ['control characters', { ...good, reference_id: 'a\nb' }, ['reference_id']],
  ['NUL', { ...good, reference_id: 'a\0' }, ['reference_id']],
  ['half a character', { ...good, reference_id: 'a\ud800' }, ['reference_id']],
  ['NUL in metadata', { ...good, metadata: { a: '\0' } }, ['metadata.a']],
  ['half a character in metadata', { ...good, metadata: { a: '\ud800' } }, ['metadata.a']],
  ['a number in metadata', { ...good, metadata: { a: 1 } }, ['metadata.a']],
  ['too long a name', { ...good, reference_id: 'x'.repeat(256) }, ['reference_id']],
  ['a customer of nobody', { reference_id: 'bad', plan: 'monthly', customer_id: 'cust-\0' }, ['customer_id']],
  [
    'a bad customer',
    { ...good, customer: { reference_id: '', given_names: '', email: 'x', mobile_number: '0812' } },
    ['customer.email', 'customer.given_names', 'customer.mobile_number', 'customer.reference_id'],
  ],
  [
    'return URLs that are not https',
    { ...good, onboarding: { success_return_url: 'http://a.example', cancel_return_url: 'javascript:alert(1)' } },
    ['onboarding.cancel_return_url', 'onboarding.success_return_url'],
  ],
  [
    'NUL in a return URL',
    { ...good, onboarding: { success_return_url: 'https://a.example/\0' } },
    ['onboarding.success_return_url'],
  ],
  [
    'return URLs into private networks',
    {
      ...good,
      onboarding: { success_return_url: 'https://169.254.169.254/', cancel_return_url: 'https://0x7f000001/' },
    },
    ['onboarding.cancel_return_url', 'onboarding.success_return_url'],
  ],
  [
    'a password in a return URL',
    { ...good, onboarding: { success_return_url: 'https://a:b@shop.example/' } },
    ['onboarding.success_return_url'],
  ],
  [
    'return URLs longer than Xendit takes in charges, and shorter',
    {
      ...good,
      onboarding: { success_return_url: `https://a.example/${'x'.repeat(238)}`, cancel_return_url: 'https://a' },
    },
    ['onboarding.cancel_return_url', 'onboarding.success_return_url'],
  ],
  ['a language that there is not', { ...good, onboarding: { locale: 'zz' } }, ['onboarding.locale']],
  [
    'channels that ask each time, or that there are not',
    { ...good, onboarding: { allowed_payment_channels: ['OVO', 'NEXCASH', 'OVOO'] } },
    ['onboarding.allowed_payment_channels.1', 'onboarding.allowed_payment_channels.2'],
  ],
  [
    'references that are addresses, beside a fault of the form',
    {
      ...good,
      price: 1,
      reference_id: '+6281234567890',
      customer: { ...good.customer, reference_id: 'siti@example.com' },
    },
    ['customer.reference_id', 'price', 'reference_id'],
  ],
  [
    "a customer's id that is none of Xendit's",
    { reference_id: 'bad', plan: 'monthly', customer_id: 'cust-1' },
    ['customer_id'],
  ],
  ['a zone whose sign is turned round', { ...good, time_zone: 'Etc/GMT+7' }, ['time_zone']],
  ['a name of blanks', { ...good, customer: { ...good.customer, given_names: '  ' } }, ['customer.given_names']],
  [
    'a bad channel, mode and locale',
    { ...good, onboarding: { allowed_payment_channels: ['CARDS', 'x'], mode: 'IFRAME', locale: 'english' } },
    ['onboarding.allowed_payment_channels.1', 'onboarding.locale', 'onboarding.mode'],
  ],
];

describe('a subscription that cannot be created', () => {
  test.each(bodies)('%s: every bad field is named, and nothing is stored', async (_what, body, fields) => {
    const before = await rows();
    const answer = await api.post('/v1/subscriptions', body);
    isPlainProblem(answer, 400);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(await rows()).toEqual(before);
  });

  test('each field is told what it must be, in words that need no manual', async () => {
    const answer = await api.post('/v1/subscriptions', {
      reference_id: 1,
      customer: { reference_id: '', given_names: 'x'.repeat(51), email: 'siti' },
      onboarding: { allowed_payment_channels: [] },
      metadata: [],
    });
    expect(answer.body.errors).toEqual([
      { field: 'reference_id', message: 'must be text' },
      { field: 'plan', message: 'is missing' },
      { field: 'customer.reference_id', message: 'must not be empty' },
      { field: 'customer.given_names', message: 'must have at most 50 characters' },
      { field: 'customer.email', message: 'must be an e-mail address like siti@example.com' },
      { field: 'onboarding.allowed_payment_channels', message: 'must not be empty' },
      { field: 'metadata', message: 'must be an object with fields' },
    ]);
  });

  test.each([
    ['malformed JSON', '{"reference_id": "a",', 400],
    ['a prototype', '{"__proto__": {"admin": true}, "reference_id": "a"}', 400],
    ['a constructor', '{"constructor": {"prototype": {"admin": true}}}', 400],
    ['more than it takes', JSON.stringify({ ...good, metadata: { a: 'x'.repeat(300_000) } }), 413],
  ])('%s is refused before it is looked at', async (_what, body, status) => {
    isPlainProblem(await api.send('POST', '/v1/subscriptions', body, headers), status);
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a body of %s is no JSON',
    async (type) => {
      isPlainProblem(await api.send('POST', '/v1/subscriptions', 'x=1', { ...headers, 'content-type': type }), 415);
    },
  );
});

const questions: readonly (readonly [path: string, fields: readonly string[]])[] = [
  ['/v1/subscriptions?limit=0', ['limit']],
  ['/v1/subscriptions?limit=501', ['limit']],
  ['/v1/subscriptions?limit=1e99', ['limit']],
  ['/v1/subscriptions?limit=ten', ['limit']],
  ['/v1/subscriptions?limit=1e1', ['limit']],
  ['/v1/charges?limit=0x10', ['limit']],
  ['/v1/charges?limit=1.0', ['limit']],
  ['/v1/charges?limit=+5', ['limit']],
  ['/v1/charge-log?limit=1e1', ['limit']],
  ['/v1/subscriptions/ref:nobody/upcoming?count=0b11', ['count']],
  ['/v1/subscriptions?state=active', ['state']],
  ['/v1/subscriptions?status=sleeping', ['status']],
  ['/v1/subscriptions?status=active&status=paused', ['status']],
  ['/v1/subscriptions?customer=%00', ['customer']],
  ['/v1/charges?subscription=%00', ['subscription']],
  ['/v1/charges?failure_code=%00&status=lost', ['failure_code', 'status']],
  ['/v1/charges?due_from=%2B275760-01-01T00:00:00Z', ['due_from']],
  ['/v1/charges?due_to=%2B010000-01-01T00:00:00Z', ['due_to']],
  ['/v1/charge-log?from=0001-01-01&to=-271821-04-20T00:00:00Z', ['from', 'to']],
  ['/v1/charge-log?format=pdf&limit=10001', ['format', 'limit']],
  ['/v1/charge-log?from=2026-02-30&format=pdf', ['format', 'from']],
  ['/v1/charge-log?from=2026-02-02&to=2026-02-01&limit=0', ['limit', 'to']],
  ['/v1/charges?status=lost&due_from=soon&due_to=2026-13-01', ['due_from', 'due_to', 'status']],
  ['/v1/charges?due_from=2026-02-01&due_from=2026-02-02', ['due_from']],
  ['/v1/charge-log?form=csv', ['form']],
  ['/v1/reports/forecast?months=0', ['months']],
  ['/v1/reports/forecast?months=-1', ['months']],
  ['/v1/reports/forecast?months=1.5', ['months']],
  ['/v1/reports/forecast?months=121&by=week', ['by', 'months']],
  ['/v1/reports/forecast?month=12', ['month']],
  [`/v1/subscriptions/${id}/upcoming?count=121`, ['count']],
  [`/v1/subscriptions/${id}/upcoming?count=-1`, ['count']],
  ['/v1/charges?cursor=abc', ['cursor']],
  ['/v1/charges?cursor=%00', ['cursor']],
  [`/v1/charges?cursor=${cursor({ at: '2026-99-99T00:00:00Z', id: nobody })}`, ['cursor']],
  [`/v1/charges?cursor=${cursor({ at: '2026-01-01T00:00:00Z', id: '-'.repeat(36) })}`, ['cursor']],
  [`/v1/subscriptions?cursor=${cursor({ createdAt: '2026-01-01T00:00:00Z', id: 7 })}`, ['cursor']],
  ...['NaN', '-1', '256', '1e2'].map((bucket) => {
    const position = { at: '2026-01-01T00:00:00Z', bucket, subscriptionId: nobody, seq: '1' };
    return [`/v1/charge-log?cursor=${cursor(position)}`, ['cursor']] as const;
  }),
];

describe('a question that cannot be answered', () => {
  test.each(questions)('%s', async (path, fields) => {
    const answer = await api.get(path);
    isPlainProblem(answer, 400);
    expect(fieldsOf(answer)).toEqual(fields);
  });

  test.each(['/v1/subscriptions/not-a-uuid', `/v1/charges/${nobody.toUpperCase()}x`])(
    '%s is not found, and says that no id looks like this',
    async (path) => {
      const answer = await api.get(path);
      isPlainProblem(answer, 404);
      expect(fieldsOf(answer)).toEqual(['id']);
    },
  );

  test('an address that is none is a problem like any other', async () => {
    isPlainProblem(await api.get('/v1/charges/%E0%A4%A'), 400);
    isPlainProblem(await api.get('/v2/charges'), 404);
    isPlainProblem(await api.send('PUT', '/v1/charges', '', headers), 405);
  });

  test('what nobody has is not found, whatever is asked of it', async () => {
    for (const path of ['', '/upcoming', '/items'])
      isPlainProblem(await api.get(`/v1/subscriptions/${nobody}${path}`), 404);
    isPlainProblem(await api.get(`/v1/charges/${nobody}`), 404);
    for (const verb of ['cancel', 'pause', 'resume', 'onboarding']) {
      const body = verb === 'cancel' ? { at: 'now' } : {};
      isPlainProblem(await api.post(`/v1/subscriptions/${nobody}/${verb}`, body), 404);
    }
    isPlainProblem(await api.delete(`/v1/subscriptions/${nobody}/cancel`), 404);
    isPlainProblem(await api.post(`/v1/subscriptions/${nobody}/items`, { text: 'Seat', amount: 1 }), 404);
    isPlainProblem(await api.delete(`/v1/subscriptions/${nobody}/items/${nobody}`), 404);
    const grace = { until: '2026-12-31', reason: 'ten or more' };
    isPlainProblem(await api.post(`/v1/subscriptions/${nobody}/grace`, grace), 404);
    isPlainProblem(await api.get('/v1/customers/nobody/access'), 404);
    isPlainProblem(await api.get('/v1/customers/nobody/access?at=now'), 400);
    isPlainProblem(await api.post(`/v1/subscriptions/${nobody}/cancel?preview=true`, { at: 'now' }), 404);
    for (const verb of ['retry', 'void', 'hold', 'release', 'forgive', 'write-off']) {
      isPlainProblem(await api.post(`/v1/charges/${nobody}/${verb}`, { reason: 'ten or more' }), 404);
    }
  });
});

const changes: readonly (readonly [path: string, body: unknown, fields: readonly string[]])[] = [
  [`/v1/subscriptions/${id}/cancel`, undefined, ['body']],
  [`/v1/subscriptions/${id}/cancel`, { at: 'tomorrow', reason: '' }, ['at', 'reason']],
  [`/v1/subscriptions/${id}/cancel`, { at: 'now', reason: 'x\u0007', force: true }, ['force', 'reason']],
  [`/v1/subscriptions/${id}/cancel`, { at: 'now', refund: 'all' }, ['refund']],
  [`/v1/subscriptions/${id}/cancel?preview=yes`, { at: 'now' }, ['preview']],
  [`/v1/subscriptions/${id}/cancel?preview=true&dry_run=true`, { at: 'now' }, ['dry_run']],
  [`/v1/subscriptions/${id}/pause`, { until: '2026-02-30' }, ['until']],
  [`/v1/subscriptions/${id}/pause`, { until: '2020-01-01' }, ['until']],
  [
    `/v1/subscriptions/${id}/pause`,
    { until: '2200-01-01', at: 'soon', on_resume: 'pay', cycle: 1 },
    ['at', 'cycle', 'on_resume', 'until'],
  ],
  [
    `/v1/subscriptions/${id}/payments`,
    { amount: 1, currency: 'IDR', received_on: '0000-01-01', evidence: 'slip 1', reason: 'paid by bank transfer' },
    ['received_on'],
  ],
  [`/v1/subscriptions/${id}/resume`, { on_resume: 'later' }, ['on_resume']],
  [`/v1/subscriptions/${id}/resume`, { at: 'now' }, ['at']],
  [`/v1/subscriptions/${id}/items`, {}, ['amount', 'text']],
  [
    `/v1/subscriptions/${id}/items`,
    { text: 'a\nb', amount: '1', quantity: 0, tax: 1 },
    ['amount', 'quantity', 'tax', 'text'],
  ],
  [`/v1/subscriptions/${id}/items`, { text: 'Seat', amount: 0 }, ['amount']],
  [`/v1/subscriptions/${id}/items`, { text: 'Seat', amount: -1 }, ['amount']],
  [`/v1/subscriptions/${id}/items`, { text: 'Seat', amount: 1.5 }, ['amount']],
  [`/v1/subscriptions/${id}/items`, { text: 'Seat', amount: 999_999_999_999, quantity: 1_000_000 }, ['quantity']],
  [`/v1/subscriptions/${id}/grace`, {}, ['reason', 'until']],
  [`/v1/subscriptions/${id}/grace`, { until: '2026-02-30', reason: 'too short', days: 3 }, ['days', 'reason', 'until']],
  [`/v1/subscriptions/${id}/grace`, { until: '2026-02-03T02:00:00', reason: 'ten or more' }, ['until']],
  [`/v1/subscriptions/${id}/grace`, { until: '2020-01-01', reason: 'ten or more' }, ['until']],
  [`/v1/subscriptions/${id}/onboarding`, { success_return_url: 'http://a.example' }, ['success_return_url']],
  [`/v1/subscriptions/${id}/pause`, { reason: 'too short' }, ['reason']],
  [`/v1/charges/${charge?.id}/void`, { reason: 7 }, ['reason']],
  [
    `/v1/subscriptions/${id}/onboarding`,
    { allowed_payment_channels: ['OVO', 'OVOO'], expires_in: '1 minute' },
    ['allowed_payment_channels.1', 'expires_in'],
  ],
  [`/v1/charges/${charge?.id}/forgive`, undefined, ['reason']],
  [`/v1/charges/${charge?.id}/forgive`, { reason: 'too short', note: '' }, ['note', 'reason']],
  [`/v1/charges/${charge?.id}/write-off`, {}, ['reason']],
  [`/v1/charges/${charge?.id}/void`, undefined, ['reason']],
  [`/v1/charges/${charge?.id}/void`, {}, ['reason']],
  [`/v1/charges/${charge?.id}/void`, { reason: 'nine  chr' }, ['reason']],
  [`/v1/charges/${charge?.id}/void`, { reason: ' '.repeat(20) }, ['reason']],
  [`/v1/charges/${charge?.id}/hold`, { reason: 'x'.repeat(501) }, ['reason']],
  [`/v1/charges/${charge?.id}/hold`, {}, ['reason']],
  [`/v1/charges/${charge?.id}/retry`, { amount: 1 }, ['amount']],
  [`/v1/charges/${charge?.id}/refund`, undefined, ['reason']],
  [`/v1/charges/${charge?.id}/refund`, { amount: 'all', reason: '', all: true }, ['all', 'amount', 'note', 'reason']],
];

test.each([
  ['/v1/subscriptions', good],
  [`/v1/subscriptions/${id}/cancel`, { at: 'now' }],
  [`/v1/subscriptions/${id}/pause`, {}],
  [`/v1/charges/${charge?.id}/hold`, { reason: 'ten or more' }],
  [`/v1/charges/${charge?.id}/retry`, undefined],
])(
  'POST %s with a query parameter that it does not have is refused by name, and nothing is done',
  async (path, body) => {
    const state = async () => [
      await rows(),
      await api.get(`/v1/subscriptions/${id}`),
      await api.get(`/v1/charges/${charge?.id}`),
    ];
    const before = await state();
    const answer = await api.post(`${path}?dry_run=true`, body);
    isPlainProblem(answer, 400);
    expect(fieldsOf(answer)).toEqual(['dry_run']);
    expect(await state()).toEqual(before);
  },
);

test('another session of what has no id of ours is not found, whatever else is wrong with it', async () => {
  isPlainProblem(await api.post('/v1/subscriptions/not-a-uuid/onboarding', { expires_in: '1 minute' }), 404);
});

test.each(changes)('a change with faults changes nothing: %s %j', async (path, body, fields) => {
  const before = [await api.get(`/v1/subscriptions/${id}`), await api.get(`/v1/charges/${charge?.id}`)];
  const answer = await api.post(path, body);
  isPlainProblem(answer, 400);
  expect(fieldsOf(answer)).toEqual(fields);
  expect([await api.get(`/v1/subscriptions/${id}`), await api.get(`/v1/charges/${charge?.id}`)]).toEqual(before);
});
