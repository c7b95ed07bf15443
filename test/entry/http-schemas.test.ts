import { describe, expect, test } from 'vitest';
import { type Answer, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

/** What every endpoint must have, read from the document that is made from the very schemas that check requests. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const document = (await api.get('/openapi.json')).body;

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is looked at field by field
type Json = any; // oxlint-disable-line typescript/no-explicit-any

const inputs: readonly (readonly [string, Json])[] = Object.entries(document.paths as Json).flatMap(([path, methods]) =>
  Object.entries(methods as Json).flatMap(([method, told]: [string, Json]) => [
    ...(told.parameters ?? []).map((one: Json) => [`${method} ${path} ${one.in} ${one.name}`, one.schema] as const),
    ...Object.values((told.requestBody?.content ?? {}) as Json).map(
      (one: Json) => [`${method} ${path} body`, one.schema] as const,
    ),
  ]),
);

/** What of a schema is open: an object that takes any field, a text, list or number without an end. */
function openPlaces(schema: Json, at: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const known = schema.$ref === undefined ? schema : resolved(schema.$ref);
  const inner = [...(known.anyOf ?? []), ...(known.oneOf ?? []), ...(known.allOf ?? [])].flatMap((one: Json) =>
    openPlaces(one, at),
  );
  return [...inner, ...openAt(known, at)];
}

function resolved(ref: string): Json {
  return ref
    .slice(2)
    .split('/')
    .reduce((node, part) => node?.[part], document);
}

function openAt(schema: Json, at: string): readonly string[] {
  switch (schema.type) {
    case 'object': {
      const isOpen = schema.additionalProperties !== false && schema.propertyNames === undefined;
      const below = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => openPlaces(one, `${at}.${name}`));
      const values = schema.additionalProperties === false ? [] : openPlaces(schema.additionalProperties, `${at}.*`);
      return [...(isOpen ? [`${at} takes any field`] : []), ...below, ...values];
    }
    case 'array':
      return [...(schema.maxItems === undefined ? [`${at} has no end`] : []), ...openPlaces(schema.items, `${at}[]`)];
    case 'string':
      return isBounded(schema) ? [] : [`${at} has no end`];
    case 'number':
    case 'integer':
      return schema.maximum === undefined ? [`${at} has no end`] : [];
    default:
      return [];
  }
}

/** By its length, its list, or a form that ends: no star, plus or open count in its pattern. */
function isBounded({ maxLength, enum: list, const: only, format, pattern }: Json): boolean {
  if (maxLength !== undefined || list !== undefined || only !== undefined || format === 'uuid') return true;
  return (
    typeof pattern === 'string' &&
    pattern.startsWith('^') &&
    pattern.endsWith('$') &&
    !/[*+]|,\}/.test(pattern.replaceAll('\\+', ''))
  );
}

test('there is something to look at', () => {
  expect(inputs.length).toBeGreaterThan(25);
});

test.each(inputs)('%s takes nothing that is not foreseen, and nothing without an end', (name, schema) => {
  expect(openPlaces(schema, name)).toEqual([]);
});

const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const good = { reference_id: 'keys', plan: 'monthly', customer: { reference_id: 'c-keys', given_names: 'Siti' } };

function isHarmless(answer: Answer, status = 400): void {
  expect(answer.status).toBe(status);
  expect(answer.type).toContain('problem+json');
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Json).polluted).toBeUndefined();
}

describe('names that mean something to JavaScript', () => {
  test.each(keys)('%s as a field, or in a question, is refused like any other unknown one', async (key) => {
    const body = JSON.stringify({ ...good, x: 1 }).replace('"x":1', `"${key}":{"polluted":true}`);
    const headers = { 'content-type': 'application/json', authorization: 'Bearer admin-key-of-the-tests' };
    isHarmless(await api.send('POST', '/v1/subscriptions', body, headers));
    isHarmless(await api.get(`/v1/subscriptions?${key}=1`));
    isHarmless(await api.get(`/v1/subscriptions?${key}[polluted]=1`));
    isHarmless(await api.get(`/v1/charges/${key}`), 404);
  });

  test.each(keys)('%s is the name of no plan', async (plan) => {
    isHarmless(await api.post('/v1/subscriptions', { ...good, plan }));
  });

  test('as keys of the metadata they are names like any other, and come back as they came', async () => {
    const metadata = { constructor: 'a', prototype: 'b', toString: 'c', hasOwnProperty: 'd', valueOf: 'e' };
    const created = await api.post('/v1/subscriptions', { ...good, metadata });
    expect(created.status, created.text).toBe(201);
    expect(created.body.metadata).toEqual(metadata);
    expect((await api.get(`/v1/subscriptions/${created.body.id}`)).body.metadata).toEqual(metadata);
  });

  test.each(['field', 'answer'])('in a webhook (%s) they are data and nothing else', async (key) => {
    const answer = await api.webhook(
      `{"event":"${key}","__proto__":{"polluted":1},"data":{"constructor":{"prototype":{"polluted":1}}}}`,
    );
    expect(answer.status).toBe(200);
    expect(({} as Json).polluted).toBeUndefined();
  });
});

describe('JSON that is nested without end', () => {
  const deep = 60_000;
  test.each([
    ['lists', '['.repeat(deep) + ']'.repeat(deep)],
    ['lists in a field', `{"metadata":${'['.repeat(deep)}${']'.repeat(deep)}}`],
    ['objects', `${'{"a":'.repeat(deep / 2)}1${'}'.repeat(deep / 2)}`],
    ['no end at all', '['.repeat(deep * 4)],
  ])('%s: refused as a fault of the caller', async (_what, body) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer admin-key-of-the-tests' };
    isHarmless(await api.send('POST', '/v1/subscriptions', body, headers));
  });
});
