import { mkdirSync } from 'node:fs';
import { source as axe } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { askRefund } from '../../src/flows/refunds/ask-refund.ts';
import { apiOver } from '../support/api.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import { runs } from '../support/runs.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { browser, type Look, place } from './chromium.ts';

/* The pages as people meet them: in a browser, by light and by dark, wide and narrow, with scripts and without. */

/** Set to a folder, what is seen is kept there as pictures. */
const PICTURES = process.env.PICTURES ?? null;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The first two have each light and each width once. */
const LOOKS: readonly Look[] = (
  [
    ['light', 1280],
    ['dark', 390],
    ['light', 390],
    ['dark', 1280],
  ] as const
).map(([theme, wide]) => ({ theme, wide, scripts: true }));

describe.skipIf(place === null)('in a browser', async () => {
  if (place === null) return;
  const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
  const ctx = { ...world.ctx, publicUrl: 'http://127.0.0.1' };
  const { app } = await apiOver(ctx);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const added = await addUser(ctx, { name: 'rina', role: 'finance', replace: false, actor: 'cli:test' });
  const password = added.kind === 'taken' ? '' : added.password;

  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  const poor = await world.onboard('sub-poor');
  await world.work();
  world.gateway.script(unknown());
  await world.onboard('sub-silent', 'weekly');
  await world.work();
  const [one, two] = [await world.onboard('sub-one', 'weekly'), await world.onboard('sub-two', 'weekly')];
  await world.onboard('sub-three', 'weekly');
  await world.work();
  const { id: charge } = await world.charge(poor);
  const { id: collected } = await world.charge(one);
  const { id: given } = await world.charge(two);
  const { id: paidOne } = await world.subscription(await world.onboard('sub-disputed', 'weekly'));
  await world.work();
  const { raises, tells } = disputingIn(world);
  await raises((await world.charge(paidOne)).attempts[0]?.payment_id ?? '');
  await tells();
  const dispute = DISPUTE;
  const asked = await askRefund(ctx, given, {
    amount: 5_000,
    reason: 'OTHERS',
    note: 'the customer asked for it',
    actor: 'user:budi',
  });
  const refund = asked.kind === 'asked' ? asked.refund.id : '';
  const pages = [
    '/queue',
    '/',
    '/charges',
    '/charges?all_time=yes&status=paid',
    '/charges?due_from=31/01/2026&amount_to=much',
    '/charges?plan=nothing',
    '/log',
    '/log?columns=all&kind=charge.paid',
    '/log?find=nobody',
    `/log/${poor}/1`,
    `/charges/${charge}`,
    `/charges/${charge}/void`,
    '/refunds',
    '/refunds?state=failed',
    `/refunds/${refund}`,
    `/refunds/${refund}/withdraw`,
    `/charges/${collected}/refund`,
    '/subscriptions',
    '/subscriptions?plan=nothing',
    `/subscriptions/${poor}`,
    '/plans',
    '/plans/versions/1',
    '/dunning',
    '/disputes',
    '/disputes?state=won',
    `/disputes/${dispute}`,
    `/disputes/${dispute}/release`,
    '/reports/forecast',
    '/dunning?from=2025-01-01&to=2025-01-31',
    '/health',
    '/account',
    '/charges/none',
    '/nothing',
  ];

  async function signedIn(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${url}/sign-in`);
    await page.fill('#name', 'rina');
    await page.fill('#password', password);
    await page.click('button.main');
    await page.waitForURL(`${url}/`);
    return page;
  }

  async function faults(page: Page): Promise<readonly string[]> {
    await page.evaluate(axe);
    return await page.evaluate<
      readonly string[]
    >(`axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ; ').slice(0, 400)))`);
  }

  test.each(LOOKS.slice(0, runs(LOOKS.length, 2)))(
    'no page has a fault that axe finds, says anything to the console, or is wider than its window: $theme, $wide',
    async (look) => {
      const context = await browser({ ...look, scripts: true });
      const page = await context.newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      await page.goto(`${url}/sign-in`);
      expect(await faults(page)).toEqual([]);
      await page.fill('#name', 'rina');
      await page.fill('#password', password);
      await page.click('button.main');
      for (const path of pages) {
        await page.goto(`${url}${path}`);
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        expect([path, await faults(page)]).toEqual([path, []]);
        expect([path, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([path, true]);
        if (PICTURES !== null) {
          mkdirSync(PICTURES, { recursive: true });
          await page.screenshot({
            path: `${PICTURES}/${path.split('?')[0]?.replaceAll('/', '_')}-${look.theme}-${look.wide}.png`,
            fullPage: true,
          });
        }
      }
      if (look.wide === 390) {
        await page.goto(`${url}/charges`);
        await page.click('.menu');
        expect(await faults(page)).toEqual([]);
        expect(await page.isVisible('.nav a[href="/charges"]')).toBe(true);
      }
      // What is not there is told by the browser itself, once for each.
      expect(said.filter((line) => !/status of 40[04]/.test(line))).toEqual([]);
    },
  );

  test('without scripts somebody signs in, opens a charge from the list, reads why, and goes', async () => {
    const page = await signedIn(await browser({ theme: 'light', wide: 1280, scripts: false }));
    await page.click('.nav a[href="/charges"]');
    await page.click('text=sub-poor · 0');
    expect(await page.textContent('h1')).toBe('Cycle 0 of sub-poor: IDR 150,000');
    expect(await page.textContent('.lede')).toContain('In dunning');
    expect(await page.textContent('.lede')).toContain('Declined: not enough money.');
    await page.click('summary');
    expect(await page.isVisible('text=sent to Xendit as')).toBe(true);
    await page.click('.who a');
    await page.click('button:text("Sign out")');
    expect(page.url()).toBe(`${url}/sign-in`);
  });

  test('the keyboard alone reaches everything in the order of reading, and sees where it is', async () => {
    const page = await signedIn(await browser({ theme: 'light', wide: 1280, scripts: true }));
    const reached: string[] = [];
    for (let press = 0; press < 14; press += 1) {
      await page.keyboard.press('Tab');
      const [name, outline] = await page.evaluate<[string, string]>(`(() => {
        const one = document.activeElement;
        return [one.textContent.trim().slice(0, 20) || one.id, getComputedStyle(one).outlineStyle];
      })()`);
      expect([name, outline]).toEqual([name, 'solid']);
      reached.push(name);
    }
    expect(reached.slice(0, 14)).toEqual([
      'Skip to the content',
      'dueday Sandbox, 31 J',
      'Overview',
      'Queue 1 to decide',
      'Charges',
      'Subscriptions',
      'Refunds',
      'Dunning',
      'Disputes',
      'Charge log',
      'Forecast',
      'Plans',
      'Health',
      'rina',
    ]);
  });

  test('on paper there is neither menu nor form, and every detail is open', async () => {
    const page = await signedIn(await browser({ theme: 'dark', wide: 1280, scripts: true }));
    await page.goto(`${url}/charges/${charge}`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('.side')).toBe(false);
    expect(await page.isVisible('text=sent to Xendit as')).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(23, 24, 28)');
  });
});
