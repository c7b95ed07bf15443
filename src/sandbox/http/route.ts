import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Call, isChargeScript, type Scenario } from '../scenario.ts';
import { stamp } from '../time/clock.ts';
import type { World } from '../world.ts';
import { Fault, invalid, invalidApiKey } from './fault.ts';
import { Nothing, parse } from './shape.ts';
import { playWire } from './wire.ts';

/** What reaches a handler: the id in the path, the body, the query, the key of the call, and the scenario that applies. */
type Incoming = {
  readonly id: string;
  readonly body: unknown;
  readonly query: unknown;
  readonly key: string | undefined;
  readonly scenario: Scenario | undefined;
};

export type Route = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly status: number;
  /** Answers the body, or throws a Fault. Without waiting: two requests never interleave. */
  readonly handle: (world: World, incoming: Incoming) => object;
  /** Whether the handler reads a query. Where nobody reads one, whoever sends one would think it had an effect. */
  readonly takesQuery?: true;
  readonly takesBody?: true;
};

/** The version that /v3 asks for; /sessions and /refunds have none (docs/xendit.md 1). */
const API_VERSION = '2024-11-11';

/** Serves one of Xendit's endpoints: key, version, log, pace, scenario, and then the handler. */
export function serve(app: FastifyInstance, world: World, route: Route): void {
  app.route({
    method: route.method,
    url: route.path,
    onRequest: async (request) => checkKey(world, request),
    preHandler: async (request, reply) => {
      log(world, request, reply);
      checkVersion(route, request);
      checkUnread(route, request);
      checkPace(world, route, reply);
    },
    handler: (request, reply) => answer(world, route, request, reply),
  });
}

async function answer(world: World, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const scenario = world.scenarios.find(callOf(world, request));
  const { id = '' } = request.params as { id?: string };
  const key = text(request.headers['idempotency-key']);
  const handle = (): object => route.handle(world, { id, body: request.body, query: request.query, key, scenario });
  if (scenario === undefined || isChargeScript(scenario.do)) {
    reply.code(route.status);
    return handle();
  }
  world.scenarios.spend(scenario);
  return playWire(scenario.do, reply.code(route.status), handle);
}

// Basic auth, the key as the user name, an empty password (docs/xendit.md 1).
function checkKey(world: World, request: FastifyRequest): void {
  const expected = Buffer.from(`${world.secretKey}:`).toString('base64');
  if (request.headers.authorization !== `Basic ${expected}`) throw invalidApiKey();
}

// "Required for v3" by the migration guide, and simulate fails without (docs/xendit.md 1): absence is refused too.
function checkVersion(route: Route, request: FastifyRequest): void {
  if (!route.path.startsWith('/v3/') || request.headers['api-version'] === API_VERSION) return;
  throw invalid('/headers/api-version', `must be equal to one of the allowed values: ${API_VERSION}`);
}

function checkUnread(route: Route, { query, body }: FastifyRequest): void {
  if (route.takesQuery !== true) parse(Nothing, query, 'query');
  if (route.takesBody !== true) parse(Nothing, body);
}

function checkPace(world: World, route: Route, reply: FastifyReply): void {
  const now = world.clock.now().epochMilliseconds;
  const allowance = world.rateLimit.count(`${route.method} ${route.path}`, now);
  if (allowance === undefined) return;
  reply.headers(allowance.headers);
  // The code is documented, a message is not (samples/errors.json).
  if (!allowance.allowed) throw new Fault(429, 'RATE_LIMIT_EXCEEDED', 'Rate limit exceeded. Please try again later.');
}

function log(world: World, request: FastifyRequest, reply: FastifyReply): void {
  const { authorization: _, ...headers } = request.headers;
  const entry = {
    method: request.method,
    path: pathOf(request),
    query: request.query,
    body: request.body,
    time: stamp(world.clock.now()),
    headers,
  };
  world.requestLog.add(entry);
  reply.raw.on('finish', () => Object.assign(entry, { status: reply.raw.statusCode }));
}

function callOf(world: World, request: FastifyRequest): Call {
  const body = (request.body ?? {}) as Record<string, unknown>;
  const query = (request.query ?? {}) as Record<string, unknown>;
  const token = text(body.payment_token_id);
  return {
    method: request.method,
    path: pathOf(request),
    reference_id: text(body.reference_id) ?? text(query.reference_id),
    payment_token_id: token,
    customer_reference: customerReference(world, body.customer, token),
  };
}

function customerReference(world: World, customer: unknown, token: string | undefined): string | undefined {
  const owner = world.tokens.get(token ?? '')?.session.customerId ?? '';
  const sent = (customer ?? {}) as Record<string, unknown>;
  return text(sent.reference_id) ?? world.customers.byId.get(owner)?.reference_id;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
