import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Role } from '../../flows/access/keys.ts';
import { ACT_CALLS } from './dashboard/acts/act-calls.ts';
import { ICON_PATH, STYLE_PATH } from './dashboard/frame/style.ts';
import { letIn, type People, type Visitors } from './dashboard/frame/visitors.ts';
import { allow } from './guard/access.ts';
import type { Keyring } from './guard/keyring.ts';

/** Who may call with a key: these roles and the admin; Xendit with its token; anyone; or who is signed in with one of these roles. */
type Callers = readonly Role[] | 'xendit' | 'anyone' | People;

const onlyAdmin: readonly Role[] = [];

/** Pages that all who are signed in may see. */
const everybody: People = { people: ['product', 'finance'] };
/** The books. */
const financeReads: People = { people: ['finance'] };

/**
 * The product sells: it sees and changes subscriptions, and sees what is paid. Finance reads the books, and decides about charges by
 * hand.
 */
const named: Readonly<Record<string, Callers>> = {
  'POST /v1/subscriptions': ['product'],
  'GET /v1/subscriptions': ['product', 'finance'],
  'GET /v1/subscriptions/:id': ['product', 'finance'],
  'GET /v1/subscriptions/:id/upcoming': ['product', 'finance'],
  'POST /v1/subscriptions/:id/change/preview': ['product'],
  'POST /v1/subscriptions/:id/change': ['product'],
  'DELETE /v1/subscriptions/:id/change': ['product'],
  'GET /v1/subscriptions/:id/changes': ['product', 'finance'],
  'POST /v1/subscriptions/:id/cancel': ['product'],
  'DELETE /v1/subscriptions/:id/cancel': ['product'],
  'POST /v1/subscriptions/:id/pause': ['product'],
  'POST /v1/subscriptions/:id/resume': ['product'],
  'POST /v1/subscriptions/:id/grace': ['product'],
  'GET /v1/customers/:reference/access': ['product', 'finance'],
  'POST /v1/subscriptions/:id/onboarding': ['product'],
  'POST /v1/subscriptions/:id/payments': ['finance'],
  'POST /v1/subscriptions/:id/consents': ['product'],
  'POST /v1/subscriptions/:id/notices': ['product'],
  'GET /v1/notices': ['product', 'finance'],
  'GET /v1/subscriptions/:id/methods': ['product', 'finance'],
  'PATCH /v1/subscriptions/:id/methods/:method': ['product'],
  'DELETE /v1/subscriptions/:id/methods/:method': ['product'],
  'GET /v1/subscriptions/:id/items': ['product', 'finance'],
  'POST /v1/subscriptions/:id/items': ['product'],
  'DELETE /v1/subscriptions/:id/items/:item': ['product'],
  'GET /v1/charges': ['product', 'finance'],
  'GET /v1/charges/:id': ['product', 'finance'],
  'POST /v1/charges/:id/pay-link': ['product'],
  'POST /v1/charges/:id/retry': ['product', 'finance'],
  'POST /v1/charges/:id/void': ['finance'],
  'POST /v1/charges/:id/hold': ['finance'],
  'POST /v1/charges/:id/release': ['finance'],
  'POST /v1/charges/:id/write-off': ['finance'],
  'POST /v1/charges/:id/forgive': ['finance'],
  'POST /v1/charges/:id/refund': ['finance'],
  'GET /v1/refunds': ['product', 'finance'],
  'GET /v1/refunds/:id': ['product', 'finance'],
  'POST /v1/refunds/:id/approve': ['finance'],
  'POST /v1/refunds/:id/withdraw': ['finance'],
  'GET /v1/disputes': ['product', 'finance'],
  'GET /v1/disputes/:id': ['product', 'finance'],
  'POST /v1/disputes/:id/release': ['finance'],
  'GET /v1/charge-log': ['finance'],
  'GET /v1/reports/forecast': ['finance'],
  'GET /v1/catalog': ['product', 'finance'],
  'GET /v1/catalog/versions': ['product', 'finance'],
  'POST /v1/catalog/diff': ['product', 'finance'],
  'POST /v1/catalog/apply': onlyAdmin,
  'GET /v1/test-clock': onlyAdmin,
  'POST /v1/test-clock': onlyAdmin,
  'POST /webhooks/xendit': 'xendit',
  'GET /health/live': 'anyone',
  'GET /health/ready': 'anyone',
  // The book's figures are business: any key may read them, nobody without one.
  'GET /metrics': ['product', 'finance'],
  // Whoever has the link may pay.
  'GET /pay/:token': 'anyone',
  'POST /pay/:token': 'anyone',
  'GET /': everybody,
  'GET /queue': everybody,
  // What each of them may decide there is looked at by what they decide.
  'GET /queue/decide': everybody,
  'POST /queue/decide': { ...everybody, keepsForms: true },
  'GET /queue/decided/:once': everybody,
  'GET /charges': everybody,
  'GET /charges/:id': everybody,
  'GET /find': everybody,
  'GET /log': financeReads,
  'GET /log/:subscription/:seq': financeReads,
  'GET /subscriptions': everybody,
  'GET /subscriptions/:id': everybody,
  'GET /refunds': everybody,
  'GET /refunds/:id': everybody,
  'GET /reports/forecast': { people: ['finance'] },
  'GET /dunning': everybody,
  'GET /disputes': everybody,
  'GET /disputes/:id': everybody,
  'GET /plans': everybody,
  'GET /plans/versions/:number': everybody,
  'GET /plans/diff': { people: onlyAdmin },
  'GET /health': everybody,
  'GET /health/arm': { people: onlyAdmin },
  'POST /health/arm': { people: onlyAdmin, keepsForms: true },
  'GET /health/stop': { people: onlyAdmin },
  'POST /health/stop': { people: onlyAdmin, keepsForms: true },
  'GET /activity': { people: onlyAdmin },
  'GET /account': everybody,
  'POST /account': everybody,
  'POST /account/theme': everybody,
  // Before anybody is somebody, and after; whoever has the link may come in once.
  'GET /sign-in': 'anyone',
  'POST /sign-in': 'anyone',
  'GET /sign-in/:token': 'anyone',
  'POST /sign-out': 'anyone',
  [`GET ${STYLE_PATH}`]: 'anyone',
  [`GET ${ICON_PATH}`]: 'anyone',
  'GET /docs': 'anyone',
  'GET /openapi.json': 'anyone',
};

/** Every call and the least role for it. */
export const calls: Readonly<Record<string, Callers>> = { ...named, ...Object.fromEntries(acts()) };

/** What is done by a page needs the role of the call that does the same. */
function* acts(): Generator<[string, People]> {
  for (const [path, call] of Object.entries(ACT_CALLS)) {
    const people = named[call];
    if (people === undefined || typeof people === 'string' || 'people' in people)
      throw new Error(`${path} does what ${call} does, which has no roles.`);
    yield [`GET ${path}`, { people }];
    yield [`POST ${path}`, { people, keepsForms: true }];
  }
}

/** Whether somebody of this role may open a page; what they may not open is not offered to them. */
export function mayOpen(role: Role, path: string): boolean {
  const callers = calls[`GET ${path}`];
  return role === 'admin' || (typeof callers === 'object' && 'people' in callers && callers.people.includes(role));
}

/** Guards every route by its line above, before its body is read; a route without one keeps the daemon from starting. */
export function guardCalls(app: FastifyInstance, keys: Keyring, visitors: Visitors): void {
  app.addHook('onRoute', (route) => {
    // Fastify answers HEAD wherever there is a GET; it tells how long the answer would be.
    const methods = new Set([route.method].flat().map((method) => (method === 'HEAD' ? 'GET' : method)));
    for (const method of methods) guard(route, `${method} ${route.url}`, keys, visitors);
  });
}

function guard(route: RouteOptions, call: string, keys: Keyring, visitors: Visitors): void {
  const callers = calls[call];
  if (callers === undefined) throw new Error(`${call} has no line in entry/http/calls.ts that says who may call it.`);
  if (typeof callers === 'string') return;
  const check = 'people' in callers ? letIn(visitors, callers) : allow(keys, callers);
  route.onRequest = [route.onRequest ?? [], check].flat();
}
