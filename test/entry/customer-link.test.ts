import { expect, test } from 'vitest';
import { apiOver } from '../support/api.ts';
import { signedIn } from '../support/signed-in.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const catalog = plainCatalog.replace(
  'defaults:',
  'defaults:\n  customer_url: https://example.com/customers/{reference}',
);
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog });
const { app } = await apiOver(world.ctx);

test('a customer leads into the business’s own system from a charge and from a subscription', async () => {
  const subscription = await world.onboard('sub-1');
  await world.work();
  await world.above(`update customers set reference_id = 'a"><b>, b'`);
  const { id } = await world.charge(subscription);
  const rina = await signedIn(app, world.ctx, 'rina', 'finance');
  const link =
    '<a href="https://example.com/customers/a%22%3E%3Cb%3E%2C%20b" rel="noreferrer">a&quot;&gt;&lt;b&gt;, b</a>';
  for (const path of [`/charges/${id}`, `/subscriptions/${subscription}`]) {
    const text = await rina.page(path);
    expect([path, /<dt>Customer<\/dt><dd>(.*?)<\/dd>/s.exec(text)?.[1]]).toEqual([path, expect.stringContaining(link)]);
  }
});
