import { describe, expect, test } from 'vitest';
import { repeatedKey } from '../../src/entry/http/json-body.ts';
import { adminKey, apiOver, webhookToken } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

/** What a person sent is read as it was meant, or refused: nothing of it is guessed, merged or dropped in silence. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const json = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` };
const body = (reference: string) => ({
  reference_id: reference,
  plan: 'monthly',
  customer: { reference_id: `of-${reference.replace(/\W/g, '')}`, given_names: 'Siti' },
});

async function send(payload: Buffer | string, headers: Record<string, string> = json, url = '/v1/subscriptions') {
  const answer = await api.app.inject({ method: 'POST', url, headers, payload });
  return { ...answer.json<{ detail?: string; errors?: unknown[] }>(), status: answer.statusCode };
}

describe('bytes', () => {
  test('that are not UTF-8 are refused, so that two customers are never taken for one', async () => {
    for (const reference of ['Jos\xe9-1', 'Jos\xe8-1']) {
      const { status, detail } = await send(Buffer.from(JSON.stringify(body(reference)), 'latin1'));
      expect({ status, detail }).toEqual({ status: 400, detail: expect.stringContaining('not UTF-8') });
    }
    expect((await send(Buffer.from(JSON.stringify(body('José-1'))))).status).toBe(201);
    expect((await send(Buffer.from(JSON.stringify(body('Josè-1'))))).status).toBe(201);
  });

  test('of another charset are refused by its name, and UTF-8 may be said', async () => {
    const as = (type: string) => send(JSON.stringify(body('order-1')), { ...json, 'content-type': type });
    for (const charset of ['iso-8859-1', 'utf-16', '"windows-1252"']) {
      const { status, detail } = await as(`application/json; charset=${charset}`);
      expect({ status, detail }).toEqual({ status: 415, detail: expect.stringContaining(charset.replaceAll('"', '')) });
    }
    expect((await as('application/json; charset=UTF-8')).status).toBe(201);
  });

  test('of a webhook that are not UTF-8 are refused too', async () => {
    const headers = { 'content-type': 'application/json', 'x-callback-token': webhookToken };
    const sent = Buffer.from('{"event":"caf\xe9"}', 'latin1');
    expect(await send(sent, headers, '/webhooks/xendit')).toMatchObject({ status: 400 });
  });

  test.each(['/v1/subscriptions?reference_id=Jos%e9', '/v1/charges?customer=%ff', '/v1/subscriptions/ref:Jos%e9'])(
    'of an address that are not UTF-8 are refused: %s',
    async (path) => {
      expect((await api.get(path)).status).toBe(400);
    },
  );

  test('that were lost before they came here are refused, in every text', async () => {
    const { status, errors } = await send(JSON.stringify({ ...body('Jos\ufffd'), metadata: { note: '\ufffd' } }));
    expect([status, errors]).toMatchObject([400, [{ field: 'reference_id' }, { field: 'metadata.note' }]]);
  });
});

test.each([
  ['{"reference_id":"a","reference_id":"b"}', 'reference_id'],
  ['{"a":{"x":1,"x":2}}', 'x'],
  ['{"a":[{"x":1},{"x":1}],"x":"{\\"x\\":1,\\"x\\":2}"}', null],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{"a":"\\\\","b":"a","c":"a"}', null],
  ['[]', null],
])('of %s the key that stands there twice is %j', (text, key) => {
  expect(repeatedKey(text)).toBe(key);
});

test('a key that stands twice in a body is refused by name, and neither of the two is done', async () => {
  const text = JSON.stringify(body('first')).replace('{', '{"reference_id":"second",');
  expect(await send(text)).toMatchObject({ status: 400, errors: [{ field: 'reference_id' }] });
  for (const reference of ['first', 'second'])
    expect((await api.get(`/v1/subscriptions?reference_id=${reference}`)).body.data).toEqual([]);
});

test.each([
  ['a blank before it', ' order-7'],
  ['a blank behind it', 'order-7 '],
  ['a blank of another width', 'order\u00a07'],
  ['nothing that is seen', 'order-7\u200b'],
  ['a turned direction', 'order-\u202e7'],
  ['a soft hyphen', 'or\u00adder-7'],
  ['an accent beside its letter', 'ordre\u0301-7'],
])('a reference with %s is refused by name: it would look like another one', async (_what, reference) => {
  const { status, errors } = await send(JSON.stringify(body(reference)));
  expect([status, errors]).toMatchObject([400, [{ field: 'reference_id' }]]);
});

test.each(['\u202eSiti', '\u200b\u200b', ' \u3000'])('a name that cannot be read is refused: %j', async (name) => {
  const asked = { ...body('named'), customer: { reference_id: 'named', given_names: name } };
  expect(await send(JSON.stringify(asked))).toMatchObject({ status: 400, errors: [{ field: 'customer.given_names' }] });
});

test('a reason of what is not seen is none', async () => {
  const id = await world.create('to-cancel');
  const answer = await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', reason: '\u200b'.repeat(12) });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
});

describe('a message', () => {
  test('of a field that is mistyped names the one that was meant, in bodies, deep in them, and in queries', async () => {
    const { errors } = await send(
      JSON.stringify({ referenceId: 'a', customer: { givenName: 'x' }, onboarding: { successReturnUrl: 'x' } }),
    );
    const said = (errors as { field: string; message: string }[]).map((one) => `${one.field}: ${one.message}`);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^referenceId: .*"reference_id"/),
        expect.stringMatching(/^customer.givenName: .*"given_names"/),
        expect.stringMatching(/^onboarding.successReturnUrl: .*"success_return_url"/),
      ]),
    );
    const asked = await api.get('/v1/charges?custmer=a&status=payed');
    expect(asked.text).toContain('did you mean \\"customer\\"');
    expect(asked.text).toContain('did you mean \\"paid\\"');
  });

  test('is one for one cause', async () => {
    for (const anchor_date of ['31/12/2026', '2026-13-01', 'x']) {
      const { errors } = await send(JSON.stringify({ ...body('dated'), anchor_date }));
      expect(errors).toEqual([{ field: 'anchor_date', message: 'must be a date like 2026-01-31' }]);
    }
  });

  test('of a body that is missing says what it must hold', async () => {
    const id = await world.create('no-body');
    const { body: answer } = await api.post(`/v1/subscriptions/${id}/cancel`);
    expect(answer.errors).toEqual([
      { field: 'body', message: 'is empty: send an object with at (must be now or period_end)' },
    ]);
  });

  test('of a body that is too large says how much there may be', async () => {
    const large = { status: 413, detail: expect.stringContaining('262,144 bytes') };
    expect(await send(`"${'x'.repeat(262_144)}"`)).toMatchObject(large);
    const hook = { 'content-type': 'application/json', 'x-callback-token': webhookToken };
    const larger = { status: 413, detail: expect.stringContaining('65,536 bytes') };
    expect(await send(`"${'x'.repeat(65_536)}"`, hook, '/webhooks/xendit')).toMatchObject(larger);
  });
});

test.each(['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs'])(
  'GET %s with a query parameter that it does not have is refused by name',
  async (path) => {
    const answer = await api.get(`${path}?verbose=1`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'verbose' }] } });
  },
);

test('a question with a body is refused: nobody would read what it says', async () => {
  const asked = { method: 'GET', url: '/v1/charges', headers: json, payload: '{"status":"paid"}' } as const;
  expect((await api.app.inject(asked)).json()).toMatchObject({
    status: 400,
    detail: expect.stringContaining('no body'),
  });
  expect((await api.app.inject({ ...asked, payload: '' })).statusCode).toBe(200);
});

test('a webhook is taken whatever stands behind its address at Xendit', async () => {
  const headers = { 'content-type': 'application/json', 'x-callback-token': webhookToken };
  expect(await send('{"event":"x"}', headers, '/webhooks/xendit?from=xendit')).toMatchObject({ status: 200 });
});
