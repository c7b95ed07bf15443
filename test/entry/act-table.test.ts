import { describe, expect, test } from 'vitest';
import { calls } from '../../src/entry/http/calls.ts';
import { ACT_CALLS } from '../../src/entry/http/dashboard/acts/act-calls.ts';
import { apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

/* Whatever the API lets somebody do, a page lets them do, or it is said here why it does not. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { app } = await apiOver(world.ctx);

/** Calls that change something and have no page of their own, each with why. */
const WITHOUT_A_PAGE: Readonly<Record<string, string>> = {
  'POST /v1/subscriptions': 'a subscription begins where its customer buys, in the product',
  'POST /v1/subscriptions/:id/change/preview': 'it changes nothing: the page of a change shows its preview',
  'POST /v1/charges/:id/pay-link': 'by the API alone so far',
  'POST /v1/catalog/diff': 'it changes nothing: the page /plans/diff shows the same of the file on disk',
};

type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/** The calls of the API that change something, as its own document names them. */
async function writing(): Promise<readonly string[]> {
  const { paths } = JSON.parse((await app.inject('/openapi.json')).body) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith('/v1/')
      ? Object.keys(methods)
          .filter((method) => method !== 'get' && method !== 'parameters')
          .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
      : [],
  );
}

describe('every call of the API that changes something', () => {
  test('has its page, or a reason why it has none, and not both', async () => {
    const paged = new Set(Object.values(ACT_CALLS));
    const all = await writing();
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter((call) => !paged.has(call) && WITHOUT_A_PAGE[call] === undefined)).toEqual([]);
    expect(Object.keys(WITHOUT_A_PAGE).filter((call) => paged.has(call) || !all.includes(call))).toEqual([]);
    expect([...paged].filter((call) => !all.includes(call))).toEqual([]);
  });

  test.each(Object.entries(ACT_CALLS))('%s is a page for those who may call %s', (path, call) => {
    for (const method of ['GET', 'POST']) {
      expect(calls[`${method} ${path}`]).toMatchObject({ people: calls[call] });
      const isOfClock = path === '/health/clock';
      // Its route is there where the clock is moved by hand.
      expect([path, app.hasRoute({ method: method as 'GET', url: path })]).toEqual([
        path,
        !isOfClock || world.ctx.clock.kind === 'virtual',
      ]);
    }
  });
});
