import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { workDue } from '../../src/flows/time/work-due.ts';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { createInput } from '../support/create-input.ts';
import { testWorld } from '../support/world.ts';
import { browser, place } from './chromium.ts';

/* examples/checkout.html, as it stands there, on a domain of its own: the sandbox plays Xendit, and its SDK. */

const START = '2026-01-31T02:00:00Z';
const SHOP = 'https://shop.example.com';
const SDK = 'https://sdk.example.net';
const checkout = readFileSync(new URL('../../examples/checkout.html', import.meta.url), 'utf8');

describe.skipIf(place === null)('a checkout on a page of the product’s own', async () => {
  if (place === null) return;
  const world = await testWorld({ at: START });
  const options = { secretKey: 'xnd_development_test', callbackToken: 't', clock: 'manual' } as const;
  const sandbox = await startSandbox({ ...options, now: Temporal.Instant.from(START) });
  const gateway = xenditGateway({ url: sandbox.url, secretKey: options.secretKey });
  const ctx: Context = { ...world.ctx, gateway };
  afterAll(async () => {
    await gateway.close();
    await sandbox.close();
  });

  /** The product's server: it has the page, and asks dueday for a session when the page wants one. */
  async function visit(
    reference: string,
    more: Partial<CreateInput>,
    at: string = SHOP,
  ): Promise<{ page: Page; id: () => string }> {
    const page = await (await browser({ theme: 'light', wide: 390, scripts: true })).newPage();
    page.setDefaultTimeout(20_000);
    let id = '';
    await page.route(`${at}/**`, async (route) => {
      if (route.request().method() === 'GET') return await route.fulfill({ body: checkout, contentType: 'text/html' });
      const place = { mode: 'COMPONENTS', origins: [SHOP] } as const;
      const made = await createSubscription(ctx, createInput(reference, 'monthly', { place, ...more }));
      if (made.kind !== 'created') throw new Error(JSON.stringify(made));
      ({ id } = made.dossier.subscription);
      await route.fulfill({ json: { components_sdk_key: made.sdkKey, sdk: `${SDK}/components/xendit-components.js` } });
    });
    // A public page may not reach this machine unless somebody lets it: the sandbox stands behind a name of its own.
    await page.route(`${SDK}/**`, async (route) => {
      const url = route.request().url().replace(SDK, sandbox.url);
      await route.fulfill({ response: await route.fetch({ url }) });
    });
    await page.goto(`${at}/checkout.html`);
    return { page, id: () => id };
  }

  async function types(page: Page, number: string): Promise<void> {
    await page.getByLabel('Credit or debit card').check();
    await page.getByLabel('Card number').fill(number);
    await page.getByLabel('Security code').fill('123');
    await page.getByRole('button', { name: 'Subscribe' }).click();
  }

  async function later(): Promise<void> {
    world.moveTo(world.now().add({ minutes: 6 }).toString());
    await workDue(ctx);
  }

  test.each([
    ['pays the first cycle where the method is saved', { firstCharge: 'in_session' }, 'session'],
    ['saves the method, which is charged then', {}, 'token'],
  ] as const)('%s', async (name, more, via) => {
    const { page, id } = await visit(name.slice(0, 4).trim(), more);
    await types(page, '4000000000001000');
    await page.getByText('Thank you. Your subscription begins in a moment.').waitFor();
    await later();
    expect(await world.subscription(id())).toMatchObject({ status: 'active', token: { status: 'active' } });
    expect(await world.charge(id())).toMatchObject({ status: 'paid', attempts: [{ via, outcome: 'succeeded' }] });
    await page.context().close();
  });

  test('a card that is declined is told of on the page, and another is taken after its bank has asked', async () => {
    const { page, id } = await visit('declined', { firstCharge: 'in_session' });
    await types(page, '4111111111111111');
    await page.getByText('CARD_DECLINED').waitFor();
    await types(page, '4000000000002503');
    await page.getByLabel('One-time password').fill('1234');
    await types(page, '4000000000002503');
    await page.getByText('Thank you.').waitFor();
    await later();
    expect(await world.charge(id())).toMatchObject({ status: 'paid', collected: 150_000 });
    await page.context().close();
  });

  test('the session opens on no other domain than those that were named', async () => {
    const { page } = await visit('elsewhere', {}, 'https://thief.example.com');
    await page.getByText('This checkout cannot be opened here.').waitFor();
    await page.context().close();
  });
});
