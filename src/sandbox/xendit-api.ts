import type { FastifyInstance } from 'fastify';
import { type Route, serve } from './http/route.ts';
import { chargeToken } from './resources/charge.ts';
import { getCustomer, listCustomers, postCustomer } from './resources/customer.ts';
import { getDispute, listDisputes, simulateDispute } from './resources/dispute.ts';
import { getPayment } from './resources/payment.ts';
import { cancelRequest, getRequest, simulateRequest } from './resources/payment-request.ts';
import { cancelToken, getToken } from './resources/payment-token.ts';
import { createRefund, getRefund, listRefunds } from './resources/refund.ts';
import { cancelSession, createSession, getSession } from './resources/session.ts';
import { getTransaction, listTransactions } from './resources/transaction.ts';
import type { World } from './world.ts';

type Handle = Route['handle'];

const get = (path: string, handle: Handle): Route => ({ method: 'GET', path, status: 200, handle });
const list = (path: string, handle: Handle): Route => ({ ...get(path, handle), takesQuery: true });
const act = (path: string, handle: Handle): Route => ({ method: 'POST', path, status: 200, handle });
const post = (path: string, status: number, handle: Handle): Route => ({
  ...act(path, handle),
  status,
  takesBody: true,
});

/** Xendit's endpoints, as far as the stand-in plays them, with the status of success (docs/xendit.md 2.1, 4.1). */
const ROUTES: readonly Route[] = [
  post('/sessions', 201, (world, { body }) => createSession(world, body)),
  get('/sessions/:id', (world, { id }) => getSession(world, id)),
  act('/sessions/:id/cancel', (world, { id }) => cancelSession(world, id)),

  post('/customers', 201, (world, { body, key }) => postCustomer(world, body, key)),
  list('/customers', (world, { query }) => listCustomers(world, query)),
  get('/customers/:id', (world, { id }) => getCustomer(world, id)),

  get('/v3/payment_tokens/:id', (world, { id }) => getToken(world, id)),
  act('/v3/payment_tokens/:id/cancel', (world, { id }) => cancelToken(world, id)),

  post('/v3/payment_requests', 201, (world, { body, scenario }) => chargeToken(world, body, scenario)),
  get('/v3/payment_requests/:id', (world, { id }) => getRequest(world, id)),
  act('/v3/payment_requests/:id/cancel', (world, { id }) => cancelRequest(world, id)),
  post('/v3/payment_requests/:id/simulate', 200, (world, { id, body }) => simulateRequest(world, id, body)),
  get('/v3/payments/:id', (world, { id }) => getPayment(world, id)),

  list('/transactions', (world, { query }) => listTransactions(world, query)),
  get('/transactions/:id', (world, { id }) => getTransaction(world, id)),

  post('/refunds', 200, (world, { body, scenario }) => createRefund(world, body, scenario)),
  list('/refunds', (world, { query }) => listRefunds(world, query)),
  get('/refunds/:id', (world, { id }) => getRefund(world, id)),

  list('/v1/disputes', (world, { query }) => listDisputes(world, query)),
  get('/v1/disputes/:id', (world, { id }) => getDispute(world, id)),
  post('/v1/disputes/simulate', 200, (world, { body }) => simulateDispute(world, body)),
];

/** Puts Xendit's endpoints on the server. */
export function xenditApi(app: FastifyInstance, world: World): void {
  for (const route of ROUTES) serve(app, world, route);
}
