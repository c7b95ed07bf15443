import { describe, expect, test } from 'vitest';
import { counted } from '../../src/flows/views/pages/list-part.ts';
import { writeEntry } from '../../src/infra/tables/access/activity.ts';
import { apiOver } from '../support/api.ts';
import { links, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* How far a list is counted, and what it shows where it is not. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx } = world;
const totals = async () => [{ count: 100_000 }];

describe('a list is counted', () => {
  test('as far as 100,000, and where somebody asks for it to its end', async () => {
    expect(await counted(ctx.db, { isCounted: false }, { totals, rows: null })).toMatchObject({ uncounted: null });
    const more = async () => [{ count: 60_000 }, { count: 40_001 }];
    const unasked = await counted(ctx.db, { isCounted: false }, { totals: more, rows: null });
    expect(unasked).toEqual({ totals: null, uncounted: 'many' });
    const asked = await counted(ctx.db, { isCounted: true }, { totals: more, rows: null });
    expect(asked).toMatchObject({ totals: [{ count: 60_000 }, { count: 40_001 }], uncounted: null });
  });

  test('without reading a row of it where an index says that there are more', async () => {
    const unread = () => Promise.reject(new Error('its rows were read'));
    const rows = async (_: unknown, most: number) => most + 1;
    expect(await counted(ctx.db, { isCounted: false }, { totals: unread, rows })).toMatchObject({ uncounted: 'many' });
    await expect(counted(ctx.db, { isCounted: true }, { totals: unread, rows })).rejects.toThrow('were read');
    const few = async () => 100_000;
    expect(await counted(ctx.db, { isCounted: false }, { totals, rows: few })).toMatchObject({ uncounted: null });
  });
});

describe('a list that takes long to count', async () => {
  const paces: (string | undefined)[] = [];
  const { app } = await apiOver(ctx, {
    pages: {
      look: async (work, pace) => {
        paces.push(pace);
        return await work({ ...ctx.db, soon: async () => null });
      },
    },
  });
  await world.onboard('sub-one', 'weekly');
  await world.work();
  await writeEntry(ctx.db, { actor: 'user:rina', kind: 'sign_in', address: null, about: null, reason: null });
  const dewi = await signedIn(app, ctx, 'dewi', 'admin');

  test.each(['/charges', '/log', '/subscriptions', '/activity'])('%s is shown without, and says so', async (path) => {
    const text = await dewi.page(path);
    expect(text).toContain('<tbody');
    expect(seen(text)).toContain('not counted, since that takes a while; count them');
    const counting = links(text).find(({ text: said }) => said === 'count them')?.href ?? '';
    expect(counting).toContain('count=all');
    paces.length = 0;
    expect(seen(await dewi.page(counting))).toContain('not counted, since that takes too long: narrow the list');
    expect(paces).toContain('long');
  });
});
