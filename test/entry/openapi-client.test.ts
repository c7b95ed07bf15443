import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import createClient from 'openapi-fetch';
import generateTypes from 'openapi-typescript';
import { expect, onTestFinished, test } from 'vitest';
import { adminKey, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

/** What a product does with the API description: it generates a client, compiles against it, and calls the daemon. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const { body: document } = await api.send('GET', '/openapi.json', '', {});
const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** A product's own code over the generated types, checked by the compiler. */
async function compiled(code: string): Promise<{ readonly code: number; readonly stdout: string }> {
  const folder = mkdtempSync(join(checkout, 'node_modules', '.openapi-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'dueday.d.ts'), await generateTypes(document));
  writeFileSync(join(folder, 'product.ts'), code);
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--allowImportingTsExtensions',
    '--skipLibCheck',
    '--target',
    'esnext',
    '--module',
    'esnext',
  ];
  const args = [...options, '--moduleResolution', 'bundler', '--types', '', 'product.ts'];
  const tsc = join(checkout, 'node_modules', '.bin', 'tsc');
  return await promisify(execFile)(tsc, args, { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}

const product = `
import createClient from 'openapi-fetch';
import type { components, operations, paths } from './dueday.d.ts';

const dueday = createClient<paths>({ baseUrl: 'http://127.0.0.1:8080', headers: { authorization: 'Bearer x' } });

export async function sell(): Promise<string | null> {
  const { data, error } = await dueday.POST('/v1/subscriptions', {
    body: { reference_id: 'sub-1', plan: 'monthly', customer: { reference_id: 'cust-1', given_names: 'Siti' } },
  });
  if (data === undefined) throw new Error((error.errors ?? []).map(({ field, message }) => field + ': ' + message).join());
  return data.onboarding?.payment_link_url ?? null;
}

export async function mayEnter(id: string): Promise<boolean> {
  const { data } = await dueday.GET('/v1/subscriptions/{id}', { params: { path: { id } } });
  const status: 'pending' | 'trialing' | 'active' | 'past_due' | 'paused' | 'canceled' | 'ended' = data!.status;
  return status === 'active' || status === 'trialing';
}

export const paid = (line: components['schemas']['ChargeLogEntry']): number => (line.kind === 'charge.paid' ? line.money : 0);
export type Canceling = operations['cancelSubscription']['requestBody']['content']['application/json']['at'];
export const at: Canceling = 'period_end';
`;

test('a client generated from the API description compiles, with the words of every status', async () => {
  expect(await compiled(product)).toEqual({ code: 0, stdout: '' });
});

test.each([
  ['a field that there is not', "reference_id: 'sub-1',", "referenceId: 'sub-1',"],
  ['a status that there is not', "status === 'active'", "status === 'live'"],
  ['a word that is not taken', "'period_end';", "'tomorrow';"],
])('the compiler tells a product of %s', async (_what, right, wrong) => {
  const { code, stdout } = await compiled(product.replace(right, wrong));
  expect(code).not.toBe(0);
  expect(stdout).toContain('product.ts');
});

test('its calls are answered as it was told', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { readonly port: number };
  type Call = (path: string, init?: object) => Promise<{ readonly data?: unknown; readonly error?: unknown }>;
  // The types are what the test above is about; here the client sends what it was generated for.
  const { GET, POST } = createClient({
    baseUrl: `http://127.0.0.1:${port}`,
    headers: { authorization: `Bearer ${adminKey}` },
  }) as unknown as { readonly GET: Call; readonly POST: Call };
  const customer = { reference_id: 'cust-client', given_names: 'Siti' };
  const made = await POST('/v1/subscriptions', { body: { reference_id: 'sub-client', plan: 'monthly', customer } });
  expect(made.data).toMatchObject({ reference_id: 'sub-client', status: 'pending' });
  const found = await GET('/v1/subscriptions/{id}', { params: { path: { id: 'ref:sub-client' } } });
  expect(found.data).toMatchObject({ plan: 'monthly' });
  const listed = await GET('/v1/charges', { params: { query: { status: 'held', limit: 5 } } });
  expect(listed.data).toEqual({ data: [], next_cursor: null, totals: [] });
  const refused = await POST('/v1/subscriptions', { body: { reference_id: 'sub-client', plan: 'none' } });
  expect(refused.error).toMatchObject({
    status: 400,
    errors: expect.arrayContaining([{ field: 'plan', message: expect.any(String) }]),
  });
});
