import type { FastifyDynamicSwaggerOptions, SwaggerTransform, SwaggerTransformObject } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { calls } from './calls.ts';

/** The document's head; its paths are made from the same schemas that check requests and answers. */
export const openapi: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'dueday',
    version: '0.1.0',
    description: 'Bills subscriptions on Xendit: every cycle collected exactly once, or a row that says why not.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The daemon that serves this document' }],
  tags: [
    { name: 'subscriptions', description: 'Who pays what, how often, and with what' },
    { name: 'customers', description: 'Whether they are let in' },
    { name: 'charges', description: 'What is owed for each cycle, and what became of it' },
    { name: 'catalog', description: 'What is sold, and what it was before' },
    { name: 'finance', description: 'The charge log: the ledger, line by line' },
    { name: 'health', description: 'Whether it runs, and whether it charges' },
    { name: 'webhooks', description: 'What Xendit sends' },
    { name: 'test clock', description: 'Lets months pass in seconds; there with DUEDAY_CLOCK=virtual alone' },
  ],
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'A key of the API: "dueday keys create" makes one' },
      callback_token: {
        type: 'apiKey',
        in: 'header',
        name: 'x-callback-token',
        description: "Xendit's callback token, as its dashboard shows it",
      },
    },
  },
  security: [{ key: [] }],
};

/** What generated clients call each call. It never changes for a released one. */
const operationIds: Readonly<Record<string, string>> = {
  'POST /v1/subscriptions': 'createSubscription',
  'GET /v1/subscriptions': 'listSubscriptions',
  'GET /v1/subscriptions/:id': 'getSubscription',
  'GET /v1/subscriptions/:id/upcoming': 'listUpcomingCharges',
  'POST /v1/subscriptions/:id/change/preview': 'previewChange',
  'POST /v1/subscriptions/:id/change': 'changeSubscription',
  'DELETE /v1/subscriptions/:id/change': 'withdrawChange',
  'GET /v1/subscriptions/:id/changes': 'listChanges',
  'POST /v1/subscriptions/:id/cancel': 'cancelSubscription',
  'DELETE /v1/subscriptions/:id/cancel': 'keepSubscription',
  'POST /v1/subscriptions/:id/pause': 'pauseSubscription',
  'POST /v1/subscriptions/:id/resume': 'resumeSubscription',
  'POST /v1/subscriptions/:id/grace': 'grantGrace',
  'GET /v1/customers/:reference/access': 'readAccess',
  'POST /v1/subscriptions/:id/onboarding': 'openOnboarding',
  'POST /v1/subscriptions/:id/payments': 'recordPayment',
  'POST /v1/subscriptions/:id/consents': 'recordConsent',
  'POST /v1/subscriptions/:id/notices': 'recordNotice',
  'GET /v1/notices': 'listOwedNotices',
  'GET /v1/subscriptions/:id/methods': 'listMethods',
  'PATCH /v1/subscriptions/:id/methods/:method': 'rankMethod',
  'DELETE /v1/subscriptions/:id/methods/:method': 'removeMethod',
  'GET /v1/subscriptions/:id/items': 'listItems',
  'POST /v1/subscriptions/:id/items': 'addItem',
  'DELETE /v1/subscriptions/:id/items/:item': 'withdrawItem',
  'GET /v1/charges': 'listCharges',
  'GET /v1/charges/:id': 'getCharge',
  'POST /v1/charges/:id/retry': 'retryCharge',
  'POST /v1/charges/:id/void': 'voidCharge',
  'POST /v1/charges/:id/hold': 'holdCharge',
  'POST /v1/charges/:id/release': 'releaseCharge',
  'POST /v1/charges/:id/pay-link': 'openPayLink',
  'POST /v1/charges/:id/write-off': 'writeOffCharge',
  'POST /v1/charges/:id/forgive': 'forgiveCharge',
  'POST /v1/charges/:id/refund': 'refundCharge',
  'GET /v1/refunds': 'listRefunds',
  'GET /v1/refunds/:id': 'getRefund',
  'POST /v1/refunds/:id/approve': 'approveRefund',
  'POST /v1/refunds/:id/withdraw': 'withdrawRefund',
  'GET /v1/disputes': 'listDisputes',
  'GET /v1/disputes/:id': 'getDispute',
  'POST /v1/disputes/:id/release': 'releaseDispute',
  'GET /v1/charge-log': 'readChargeLog',
  'GET /v1/reports/forecast': 'readForecast',
  'GET /v1/catalog': 'readCatalog',
  'GET /v1/catalog/versions': 'listCatalogVersions',
  'POST /v1/catalog/diff': 'diffCatalog',
  'POST /v1/catalog/apply': 'applyCatalog',
  'GET /v1/test-clock': 'readTestClock',
  'POST /v1/test-clock': 'moveTestClock',
  'POST /webhooks/xendit': 'receiveWebhook',
  'GET /health/live': 'isAlive',
  'GET /health/ready': 'isReady',
  'GET /metrics': 'readMetrics',
};

/** Calls for which a session is opened at Xendit, which may refuse it. */
const ASKING_XENDIT: readonly string[] = ['POST /v1/subscriptions', 'POST /v1/subscriptions/:id/onboarding'];

/** The faults that a call may answer, each with what it means. */
function faultsOf(call: string): Readonly<Record<string, object>> {
  const callers = calls[call] ?? 'anyone';
  const isApi = call.includes(' /v1/');
  const isPost = call.startsWith('POST ');
  const isWriting = !call.startsWith('GET ');
  const may: readonly (readonly [status: number, when: boolean, sentence: string])[] = [
    [400, true, 'The request is wrong; every bad field is named'],
    [401, callers !== 'anyone', 'The key, or the callback token, is missing or not known'],
    [403, typeof callers !== 'string', 'A key of this role may not do this'],
    [404, /\/:(id|reference)/.test(call), 'There is nothing with this id'],
    [409, isApi && isWriting, 'Its state does not allow it, or the Idempotency-Key came with another call'],
    [413, isPost, 'The body is too large'],
    [415, isPost, 'The body is not JSON'],
    [422, ASKING_XENDIT.includes(call), 'Xendit refused it'],
    [429, callers !== 'anyone', 'Too much at once: send it again after Retry-After'],
    [503, callers !== 'anyone', 'Not now: send it again after Retry-After'],
  ];
  const told = may.flatMap(([status, when, sentence]) =>
    when ? [[String(status), problemOf(sentence, status)] as const] : [],
  );
  return { ...Object.fromEntries(told), default: problemOf('What went wrong (RFC 9457), with every bad field named') };
}

/** Answers that go with a time to wait. */
const WAITS: readonly number[] = [429, 503];
const retryAfter = { 'Retry-After': { type: 'integer', description: 'Seconds to wait', example: 5 } };

function problemOf(description: string, status?: number): object {
  return {
    description,
    ...(status !== undefined && WAITS.includes(status) && { headers: retryAfter }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** Every call has its name and its faults, which are answered alike everywhere, so that they are said here once. */
export const describeRoute: SwaggerTransform = (route) => {
  const told = jsonSchemaTransform(route);
  const schema = told.schema as FastifySchema & { hide?: boolean };
  if (schema?.hide === true) return told;
  const call = `${[route.route.method].flat()[0]} ${route.url}`;
  const good = Object.entries((schema?.response ?? {}) as Readonly<Record<string, object>>);
  const response = { ...faultsOf(call), ...Object.fromEntries(good.map(([status, one]) => [status, answerOf(one)])) };
  return { ...told, schema: { ...schema, operationId: operationIds[call], response } as FastifySchema };
};

/** What is not described otherwise is what was asked for. */
function answerOf(response: object): object {
  return 'description' in response && 'content' in response
    ? response
    : { description: 'It was done, or read', content: { 'application/json': { schema: response } } };
}

/** Without the schemas that no call leads to: the library adds each a second time, as it would be taken. */
export const describeDocument: SwaggerTransformObject = (document) => {
  const whole = jsonSchemaTransformObject(document);
  const schemas = ('components' in whole ? whole.components?.schemas : undefined) ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow('paths' in whole ? whole.paths : {});
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
  return whole;
};
