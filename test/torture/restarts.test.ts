import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { chance } from '../support/chance.ts';
import { tortureSeed } from '../support/tally.ts';
import { testWorld } from '../support/world.ts';
import { endure } from './ordeal.ts';
import { ownServer } from './own-server.ts';

const server = await ownServer();
const world = await testWorld({ at: '2026-01-01T00:00:00Z', db: server.db, url: server.url });

/** In milliseconds. */
const BETWEEN = 2_500;
const LONGEST_ABSENCE = 3_000;

test('a server that dies without a farewell, again and again, and stays away for up to three seconds', async () => {
  const random = chance(tortureSeed());
  const { paidMeanwhile } = await endure(
    { world, url: server.url, seed: tortureSeed(), charges: 600, apartMs: 40 },
    async () => {
      let restarts = 0;
      for (; restarts < 6; restarts += 1) {
        await pause(BETWEEN * random());
        await server.crash();
        await pause(restarts % 2 === 0 ? 0 : LONGEST_ABSENCE * random());
        await server.start();
      }
      return { restarts };
    },
  );
  expect(paidMeanwhile).toBeGreaterThan(20);
});
