import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context, Pages } from '../../context.ts';
import { catalogRoutes } from './api/catalog/catalog.ts';
import { catalogEditRoutes } from './api/catalog/edit-routes.ts';
import { subscriptionChangeRoutes } from './api/changes/subscription-change.ts';
import { chargeLogRoutes } from './api/charge-log.ts';
import { chargeRoutes } from './api/charges.ts';
import { consentRoutes } from './api/consents/consents.ts';
import { noticeRoutes } from './api/consents/notices.ts';
import { customerRoutes } from './api/customers.ts';
import { disputeRoutes } from './api/disputes/disputes.ts';
import { itemRoutes } from './api/items.ts';
import { methodRoutes } from './api/methods.ts';
import { payLinkRoutes } from './api/pay-link.ts';
import { paymentRoutes } from './api/payments/payments.ts';
import { refundRoutes } from './api/refunds/refunds.ts';
import { forecastRoutes } from './api/reports/forecast.ts';
import { subscriptionLifeRoutes } from './api/subscription-life.ts';
import { subscriptionRoutes } from './api/subscriptions.ts';
import { testClockRoutes } from './api/test-clock.ts';
import { guardCalls } from './calls.ts';
import { answerClientFault } from './client-fault.ts';
import { dashboard } from './dashboard/dashboard.ts';
import { nothingThere } from './dashboard/frame/errors.ts';
import { policyText } from './dashboard/frame/send.ts';
import { type Visitors, visitors } from './dashboard/frame/visitors.ts';
import { docsRoutes } from './docs.ts';
import { refuseCards } from './guard/card-data.ts';
import { boundConnections } from './guard/connections.ts';
import { exportsOf } from './guard/exports.ts';
import { keyring } from './guard/keyring.ts';
import { slowStrangers } from './guard/strangers.ts';
import { refuseOddRequests, safeHeaders } from './headers.ts';
import { healthRoutes, liveRoute, type Readiness } from './health.ts';
import { answerOnce } from './idempotency.ts';
import { holdsMoreThan, repeatedKey, textOf } from './json-body.ts';
import { methodsOf } from './methods.ts';
import { describeDocument, describeRoute, openapi } from './openapi.ts';
import { payPages } from './pages/pay.ts';
import { problem, problemHandler } from './problem.ts';
import { refusals, tellToWait } from './refusals.ts';
import { FieldFaults, readByZod } from './validation.ts';
import { webhookRoutes } from './webhook.ts';

export type HttpOptions = {
  readonly bootstrapKey: string | null;
  readonly readiness: Readiness;
  /** Over whose connections health is looked at: those that charge. */
  readonly charging: Context;
  /** What pages read over. */
  readonly pages: Pages;
  /** The catalog's file, which a page shows against what is in force. */
  readonly catalogFile: string;
  /** Null: they are taken by a listener of their own. */
  readonly webhooks: Intake | null;
};

/** Where webhooks are stored: over connections of their own, so that no other request can keep them out. */
export type Intake = { readonly ctx: Context; readonly tokens: readonly string[] };

/** The HTTP side of the daemon, not yet listening. */
export async function httpServer(ctx: Context, options: HttpOptions): Promise<FastifyInstance> {
  const people = visitors(ctx, options.bootstrapKey);
  const exported = exportsOf(ctx);
  const app = guardedServer(ctx, options.bootstrapKey, people);
  await app.register(swagger, {
    openapi: openapi,
    transform: describeRoute,
    transformObject: describeDocument,
  });
  await app.register(liveRoute);
  await app.register(healthRoutes(options.charging, options.readiness));
  if (options.webhooks !== null) await app.register(webhookRoutes(options.webhooks.ctx, options.webhooks.tokens));
  await app.register(subscriptionRoutes(ctx, exported));
  await app.register(subscriptionLifeRoutes(ctx));
  await app.register(consentRoutes(ctx));
  await app.register(noticeRoutes(ctx));
  await app.register(itemRoutes(ctx));
  await app.register(methodRoutes(ctx));
  await app.register(customerRoutes(ctx));
  await app.register(subscriptionChangeRoutes(ctx));
  await app.register(chargeRoutes(ctx, exported));
  await app.register(payLinkRoutes(ctx));
  await app.register(refundRoutes(ctx));
  await app.register(disputeRoutes(ctx));
  await app.register(paymentRoutes(ctx));
  await app.register(payPages(ctx));
  await app.register(chargeLogRoutes(ctx, exported));
  await app.register(forecastRoutes(ctx));
  await app.register(catalogRoutes(ctx));
  await app.register(catalogEditRoutes(ctx));
  await app.register(testClockRoutes(ctx));
  await app.register(docsRoutes);
  await app.register(dashboard(people, options.pages, exported, options.catalogFile));
  return app;
}

/** A door for Xendit alone, not yet listening: it stores webhooks, says that it lives, and knows no key. */
export async function webhookServer({ ctx, tokens }: Intake): Promise<FastifyInstance> {
  const app = guardedServer(ctx, null, visitors(ctx, null));
  await app.register(liveRoute);
  await app.register(webhookRoutes(ctx, tokens));
  return app;
}

/** What every listener has: limits, headers, refusals, and the one table of who may call what. */
function guardedServer(ctx: Context, bootstrapKey: string | null, people: Visitors): FastifyInstance {
  const app = fastify({
    bodyLimit: 256 * 1_024,
    // A reference of 255 characters, each of which may be written with twelve.
    routerOptions: { maxParamLength: 3_100 },
    requestTimeout: 10_000,
    connectionTimeout: 60_000,
    // Node looks for late requests only every 30 seconds unless it is told to; a missing Host we answer ourselves.
    http: {
      headersTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16 * 1_024,
      requireHostHeader: false,
    },
    forceCloseConnections: false,
    genReqId: () => ctx.newId(0),
    frameworkErrors: (_error, _request, reply) =>
      void problem(reply.headers(safeHeaders), 400, 'The address is not well-formed.'),
    clientErrorHandler: answerClientFault,
  });
  app.setValidatorCompiler(readByZod);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(problemHandler(ctx.log));
  app.addHook('onRequest', refuseOddRequests);
  const refused = refusals();
  slowStrangers(app, ctx);
  app.addHook('onSend', tellToWait(ctx, refused));
  refuseUnknown(app);
  acceptOnlyJson(app);
  refuseUnknownQueries(app);
  refuseCards(app);
  answerOnce(app, ctx);
  guardCalls(app, keyring(ctx, bootstrapKey, refused), people);
  boundConnections(app.server);
  return app;
}

/** What is at no address of ours, or is there for other methods. */
function refuseUnknown(app: FastifyInstance): void {
  const methods = methodsOf(app);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const taken = methods(path);
    if (taken.length === 0 && asksForPage(request))
      return nothingThere(reply.header('content-security-policy', policyText), path);
    if (taken.length === 0) return problem(reply, 404, `There is nothing at ${request.method} ${path}.`);
    reply.header('allow', taken.join(', '));
    return problem(reply, 405, `${path} takes ${taken.join(' or ')}, not ${request.method}.`);
  });
}

/** A browser says first of all that it reads HTML; a program does not. */
function asksForPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.startsWith('/v1/') && (headers.accept ?? '').startsWith('text/html');
}

/**
 * A call that names no query parameters takes none: `?dry_run=true` must not be done for good in silence. Only Xendit's webhooks
 * come to an address that stands at Xendit, whatever its end.
 */
function refuseUnknownQueries(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/webhooks/')) return;
    const querystring = route.schema?.querystring ?? z.strictObject({});
    route.schema = { ...route.schema, querystring };
  });
}

/** No call takes a tenth of it: metadata has twenty entries, a list of channels fifty. */
const MOST_VALUES = 1_000;
const TOO_MANY_VALUES = { field: 'body', message: `must hold at most ${MOST_VALUES} fields and entries in all` };

/** A POST without a body is one with nothing to say, whatever its content-type claims. */
function acceptOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const text = textOf(body, request.headers['content-type']);
    if (text === '') return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    void parse(request, text, (error, value) => (error === null ? resolve(value) : reject(error)));
    const value = await promise;
    if (holdsMoreThan(value, MOST_VALUES)) throw new FieldFaults([TOO_MANY_VALUES]);
    const key = repeatedKey(text);
    if (key !== null) throw new FieldFaults([{ field: key, message: 'stands there twice: send it once' }]);
    return value;
  });
}

/**
 * Closes without cutting answers off: connections are told to end, idle ones are closed, and what still hangs at the
 * deadline is cut (fastify's own close waits for keep-alive connections for ever).
 */
export async function closeServer(app: FastifyInstance, deadlineMs: number): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), 100);
  const deadline = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(deadline);
  }
}
