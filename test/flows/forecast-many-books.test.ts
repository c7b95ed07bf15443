import { expect, test } from 'vitest';
import { catalog, edited, liveForecast, START } from '../support/lived-books.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: START, catalog });
const seeds = [2, 3];

test.each(seeds.flatMap((seed) => [[seed, null] as const, [seed, edited] as const]))(
  'what falls due is what was forecast, in 120 random books of seed %i, with this edit: %s',
  async (seed, whatIf) => {
    const { forecast, happened } = await liveForecast(world, seed, 120, whatIf);
    expect(happened).toEqual(forecast.rows);
    expect(forecast.run.charges).toBeGreaterThan(400);
  },
  900_000,
);
