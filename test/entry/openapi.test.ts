import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { logColumns } from '../../src/domain/books/ledger.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is walked, not modelled
type Json = any; // oxlint-disable-line typescript/no-explicit-any

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const { body: document }: { body: Json } = await api.send('GET', '/openapi.json', '', {});

const calls = [
  'delete /v1/subscriptions/{id}/cancel',
  'get /health/live',
  'get /health/ready',
  'get /metrics',
  'get /v1/catalog',
  'get /v1/catalog/versions',
  'post /v1/catalog/diff',
  'post /v1/catalog/apply',
  'post /v1/subscriptions/{id}/notices',
  'get /v1/notices',
  'post /v1/charges/{id}/refund',
  'get /v1/disputes',
  'get /v1/disputes/{id}',
  'post /v1/disputes/{id}/release',
  'get /v1/refunds',
  'get /v1/refunds/{id}',
  'post /v1/refunds/{id}/approve',
  'post /v1/refunds/{id}/withdraw',
  'get /v1/charge-log',
  'get /v1/reports/forecast',
  'get /v1/charges',
  'get /v1/charges/{id}',
  'get /v1/customers/{reference}/access',
  'get /v1/subscriptions',
  'get /v1/subscriptions/{id}',
  'get /v1/subscriptions/{id}/upcoming',
  'get /v1/test-clock',
  'post /v1/charges/{id}/forgive',
  'post /v1/charges/{id}/hold',
  'post /v1/charges/{id}/pay-link',
  'post /v1/charges/{id}/release',
  'post /v1/charges/{id}/retry',
  'post /v1/charges/{id}/void',
  'post /v1/charges/{id}/write-off',
  'post /v1/subscriptions',
  'post /v1/subscriptions/{id}/cancel',
  'post /v1/subscriptions/{id}/consents',
  'post /v1/subscriptions/{id}/grace',
  'post /v1/subscriptions/{id}/onboarding',
  'get /v1/subscriptions/{id}/methods',
  'patch /v1/subscriptions/{id}/methods/{method}',
  'delete /v1/subscriptions/{id}/methods/{method}',
  'get /v1/subscriptions/{id}/items',
  'post /v1/subscriptions/{id}/items',
  'delete /v1/subscriptions/{id}/items/{item}',
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

type Field = { readonly at: string; readonly schema: Json };

/** Every field that is taken or answered, with where it stands; a nullable one is the schema beside null. */
function fieldsIn(schema: Json, at: string): readonly Field[] {
  const here = resolved(schema);
  const parts: readonly Json[] = here.anyOf ?? here.oneOf ?? [];
  const own = Object.entries((here.properties ?? {}) as Json).flatMap(([name, field]) => [
    { at: `${at}.${name}`, schema: field },
    ...fieldsIn(field, `${at}.${name}`),
  ]);
  const inner = [here.items, here.additionalProperties].filter((one) => typeof one === 'object' && one !== null);
  return [...own, ...[...parts, ...inner].flatMap((one: Json) => fieldsIn(one, at))];
}

const fields: readonly Field[] = operations.flatMap(([name, told]) => {
  const bodies = [told.requestBody, ...Object.values(told.responses as Json)];
  return bodies
    .flatMap((one: Json) => Object.values((one?.content ?? {}) as Json))
    .flatMap((one: Json) => fieldsIn(one.schema, name));
});

/** A field that holds other fields shows them, and needs no example of its own. */
function holdsFields(schema: Json): boolean {
  const here = resolved(schema);
  const parts = [here, ...(here.anyOf ?? []), here.items, here.additionalProperties].map((one) => resolved(one));
  return parts.some((one) => one?.properties !== undefined || resolved(one?.items)?.properties !== undefined);
}

describe('the OpenAPI document', () => {
  test('has nothing that the linter of Redocly finds, by its recommended rules', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(document);
    const found = await lintFromString({ source, absoluteRef: 'openapi.json', config });
    expect(found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  test('names each call for generated clients, and no two alike', () => {
    const names = operations.map(([, told]) => told.operationId as string);
    expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]+)*$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('says a sentence of each field, and shows an example of it', () => {
    expect(fields.length).toBeGreaterThan(300);
    const silent = fields.filter(
      ({ schema }) => typeof (schema.description ?? resolved(schema).description) !== 'string',
    );
    const bare = fields.filter(({ schema }) => !holdsFields(schema) && schema.examples === undefined);
    expect([...new Set(silent.map(({ at }) => at))]).toEqual([]);
    expect([...new Set(bare.map(({ at }) => at))]).toEqual([]);
    const asked = operations.flatMap(([name, told]) => (told.parameters ?? []).map((one: Json) => ({ name, ...one })));
    expect(
      asked.filter((one: Json) => one.description === undefined || (one.example ?? one.examples) === undefined),
    ).toEqual([]);
  });

  test('has the form of each id, instant, day and address, and the words of each status', () => {
    const kinds: readonly (readonly [RegExp, string])[] = [
      [/(^|[._])(id|charge_id|subscription_id|entry_id)$/, 'uuid'],
      [/(_at|\.since|held_since|\.at|waits_until|\.now)$/, 'date-time'],
      [/(_date|_expiry|starts_on|ends_on|period_start|period_end|period\.start|period\.end)$/, 'date'],
      [/_url$/, 'uri'],
    ];
    const formOf = ({ schema }: Field) => schema.format ?? schema.anyOf?.find((one: Json) => one.format)?.format;
    const answers = fields.filter(
      ({ at, schema }) => schema.enum === undefined && !/((cancel|pause)\.at|charge_at)$/.test(at),
    );
    for (const [name, format] of kinds) {
      const formless = answers.filter((field) => name.test(field.at) && formOf(field) !== format);
      // Disputes have no id of ours.
      const foreign =
        /\/v1\/disputes\S*\.id$|(session|payment|payment_request|refund|xendit_customer|reference|customer)_id$/;
      expect(
        formless.map(({ at }) => at).filter((at) => !foreign.test(at)),
        format,
      ).toEqual([]);
    }
    const wordless = answers.filter(
      ({ at, schema }) =>
        /\.(status|currency|class|hold_reason|outcome|mode|state|charging|received)$/.test(at) &&
        resolved(schema).type !== 'integer' &&
        ![schema, ...(schema.anyOf ?? [])].some((one: Json) => one.enum !== undefined || one.const !== undefined),
    );
    // The ledger keeps what older versions of dueday wrote of outcomes.
    expect(wordless.map(({ at }) => at)).toEqual(['get /v1/charge-log.data.outcome']);
  });

  test('has a type for each column of the charge log', () => {
    const { properties } = document.components.schemas.ChargeLogEntry;
    expect(Object.keys(properties)).toEqual([...logColumns]);
    for (const [name, column] of Object.entries(properties as Json) as [string, Json][])
      expect(column.type ?? column.anyOf, name).toBeDefined();
  });

  test('is served to everybody, and says which version it speaks', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'dueday', version: expect.any(String) } });
    expect(document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(document.servers).toEqual([{ url: '/', description: expect.any(String) }]);
  });

  test('is readable for people too: a page names every call and who may do it, and runs nothing', async () => {
    const page = await api.app.inject({ method: 'GET', url: '/docs' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
    expect(page.body).not.toContain('<script');
    for (const [name, told] of operations) {
      const [verb = '', path = ''] = name.split(' ');
      expect(page.body).toContain(
        `<code>${verb.toUpperCase()} ${path}</code></td><td>${told.summary.replaceAll('"', '&quot;')}`,
      );
    }
    expect(page.body).toContain('<td>admin, product, finance</td>');
    expect(page.body).toContain('href="openapi.json"');
  });

  test('has every call that there is, and no other', () => {
    const told = operations.map(([name]) => name);
    for (const call of calls) expect(told).toContain(call);
    for (const [name] of operations) {
      const [verb = '', path = ''] = name.split(' ');
      expect(api.app.hasRoute({ method: verb.toUpperCase() as 'GET', url: path.replaceAll(/\{(\w+)\}/g, ':$1') })).toBe(
        true,
      );
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
    const needsKey = /v1|metrics/.test(name);
    const due = ['400', ...(needsKey ? ['401', '403'] : []), ...(name.includes('{id}') ? ['404'] : [])];
    const owed = [...due, ...(name.startsWith('post /v1') ? ['409', '413', '415'] : [])];
    expect(Object.keys(told.responses)).toEqual(expect.arrayContaining(owed));
    for (const status of needsKey ? ['429', '503'] : [])
      expect(told.responses[status].headers['Retry-After'].schema.type).toBe('integer');
    const problem = told.responses.default.content['application/problem+json'].schema;
    expect(Object.keys(resolved(problem).properties)).toEqual(['type', 'title', 'status', 'detail', 'errors']);
    const inPath = (told.parameters ?? []).filter((one: Json) => one.in === 'path').map((one: Json) => one.name);
    expect(inPath).toEqual([...name.matchAll(/\{(\w+)\}/g)].map(([, named]) => named));
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
    expect(named('get /v1/subscriptions').join()).toBe(
      'account,catalog_version,channel,currency,cursor,customer,find,format,limit,live,method_ends_within,next_from,next_to,plan,reference_id,status',
    );
    expect(named('get /v1/charges').join()).toBe(
      'account,amount_from,amount_to,attempts_from,attempts_to,catalog_version,channel,class,currency,cursor,customer,due_from,due_to,' +
        'dunning,failure_code,find,first_channel,first_class,first_failure_code,format,in_dunning,limit,missed,overpaid,paid_from,paid_to,' +
        'plan,planned_from,planned_to,refunded,result,sort,state,status,subscription',
    );
    expect(named('get /v1/charge-log')).toEqual([
      'account',
      'amount_from',
      'amount_to',
      'channel',
      'class',
      'currency',
      'cursor',
      'customer',
      'failure_code',
      'find',
      'format',
      'from',
      'kind',
      'limit',
      'plan',
      'status',
      'to',
    ]);
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
      'trial',
      'coupon',
      'quantity',
      'items',
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
