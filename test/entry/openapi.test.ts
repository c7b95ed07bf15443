import { describe, expect, test } from 'vitest';
import { adminKey, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is walked, not modelled
type Json = any; // oxlint-disable-line typescript/no-explicit-any

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const { body: document }: { body: Json } = await api.send('GET', '/openapi.json', '', {});

const calls = [
  'get /health/live',
  'get /health/ready',
  'get /metrics',
  'get /v1/charge-log',
  'get /v1/charges',
  'get /v1/charges/{id}',
  'get /v1/subscriptions',
  'get /v1/subscriptions/{id}',
  'get /v1/subscriptions/{id}/upcoming',
  'get /v1/test-clock',
  'post /v1/charges/{id}/hold',
  'post /v1/charges/{id}/release',
  'post /v1/charges/{id}/retry',
  'post /v1/charges/{id}/void',
  'post /v1/subscriptions',
  'post /v1/subscriptions/{id}/cancel',
  'post /v1/subscriptions/{id}/onboarding',
  'post /v1/subscriptions/{id}/pause',
  'post /v1/subscriptions/{id}/resume',
  'post /v1/test-clock',
  'post /webhooks/xendit',
];

const operations: readonly (readonly [string, Json])[] = Object.entries(document.paths as Json).flatMap(
  ([path, verbs]) => Object.entries(verbs as Json).map(([verb, told]) => [`${verb} ${path}`, told] as const),
);

/** What a `$ref` leads to. */
function resolved(schema: Json): Json {
  if (typeof schema?.$ref !== 'string') return schema;
  return (schema.$ref as string)
    .slice(2)
    .split('/')
    .reduce((at, part) => at?.[part], document);
}

function refsIn(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = typeof value.$ref === 'string' ? [value.$ref as string] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

describe('the OpenAPI document', () => {
  test('is served to everybody, and says which version it speaks', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'dueday', version: expect.any(String) } });
    expect(document.components.securitySchemes.key).toEqual({ type: 'http', scheme: 'bearer' });
  });

  test('has every call that there is, and no other', () => {
    const told = operations.map(([name]) => name);
    for (const call of calls) expect(told).toContain(call);
    for (const [name] of operations) {
      const [verb = '', path = ''] = name.split(' ');
      expect(api.app.hasRoute({ method: verb.toUpperCase() as 'GET', url: path.replace('{id}', ':id') })).toBe(true);
    }
  });

  test('points at nothing that is not there', () => {
    for (const ref of refsIn(document)) expect(resolved({ $ref: ref }), ref).toBeDefined();
  });

  test.each(operations)('%s says what it takes and what it answers, faults too', (name, told) => {
    expect(told.summary).toEqual(expect.any(String));
    expect(told.tags).toHaveLength(1);
    const good = Object.keys(told.responses).filter((status) => status.startsWith('2'));
    expect(good.length).toBeGreaterThan(0);
    for (const status of good) {
      for (const { schema } of Object.values(told.responses[status].content) as Json[]) {
        expect(resolved(schema)).toBeTypeOf('object');
      }
    }
    const problem = told.responses.default.content['application/problem+json'].schema;
    expect(Object.keys(resolved(problem).properties)).toEqual(['type', 'title', 'status', 'detail', 'errors']);
    const inPath = (told.parameters ?? []).filter((one: Json) => one.in === 'path').map((one: Json) => one.name);
    expect(inPath).toEqual(name.includes('{id}') ? ['id'] : []);
    expect(told.security ?? 'the key').toEqual(
      /v1|metrics/.test(name) ? 'the key' : name.includes('webhooks') ? [{ callback_token: [] }] : [],
    );
  });

  test('names the filters of the lists', () => {
    const named = (name: string) =>
      new Map(operations)
        .get(name)
        .parameters.map((one: Json) => one.name as string)
        .sort();
    expect(named('get /v1/subscriptions')).toEqual(['cursor', 'customer', 'limit', 'plan', 'reference_id', 'status']);
    expect(named('get /v1/charges')).toEqual([
      'cursor',
      'customer',
      'due_from',
      'due_to',
      'failure_code',
      'limit',
      'paid_from',
      'paid_to',
      'sort',
      'status',
      'subscription',
    ]);
    expect(named('get /v1/charge-log')).toEqual(['cursor', 'format', 'from', 'limit', 'to']);
  });

  test('describes the body of a new subscription, field by field', () => {
    const { schema } = new Map(operations).get('post /v1/subscriptions').requestBody.content['application/json'];
    expect(resolved(schema).required).toEqual(['reference_id', 'plan']);
    expect(resolved(schema).additionalProperties).toBe(false);
    expect(Object.keys(resolved(schema).properties)).toEqual([
      'reference_id',
      'plan',
      'customer',
      'customer_id',
      'anchor_date',
      'time_zone',
      'onboarding',
      'metadata',
    ]);
  });

  test('agrees with what is really answered', async () => {
    const id = await world.onboard('documented');
    await world.work();
    const { body } = await api.get(`/v1/subscriptions/${id}`);
    expect(Object.keys(body).sort()).toEqual(Object.keys(document.components.schemas.Subscription.properties).sort());
    const [charge] = (await api.get('/v1/charges', adminKey)).body.data;
    expect(Object.keys(charge).sort()).toEqual(Object.keys(document.components.schemas.Charge.properties).sort());
    const [line] = (await api.get('/v1/charge-log')).body.data;
    expect(Object.keys(line)).toEqual(Object.keys(document.components.schemas.ChargeLogEntry.properties));
  });
});
