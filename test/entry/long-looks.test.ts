import { expect, test } from 'vitest';
import type { Pace, Pages } from '../../src/context.ts';
import { keptPart } from '../../src/entry/http/dashboard/overview/kept-part.ts';
import { apiOver } from '../support/api.ts';
import { signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* What reads much says so, so that it leaves a connection to the pages that are quick. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx } = world;
const paces: (Pace | undefined)[] = [];
const pages: Pages = {
  look: async (work, pace) => {
    paces.push(pace);
    return await work(ctx.db);
  },
};

test('days of the overview that are counted beside the pages, a look each', async () => {
  const counted = { days: 2, read: async () => ['a row'], shape: async (_: unknown, rows: readonly string[]) => rows };
  const { answer } = await keptPart(ctx, pages, counted).alone(await ctx.clock.now());
  expect(answer).toEqual(['a row', 'a row']);
  expect(paces).toEqual(['long', 'long', 'long']);
});

test.each(['/plans', '/plans/versions/1', '/dunning'])('%s', async (path) => {
  const { app } = await apiOver(ctx, { pages });
  const dewi = await signedIn(app, ctx, `dewi${path.replaceAll('/', '-')}`, 'admin');
  paces.length = 0;
  await dewi.get(path);
  expect(paces).toContain('long');
});
