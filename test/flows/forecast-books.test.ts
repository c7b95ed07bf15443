import { expect, test } from 'vitest';
import { catalog, edited, liveForecast, START } from '../support/lived-books.ts';
import { testWorld } from '../support/world.ts';

/*
 * A forecast is held against what happens: random books are lived for six weeks, forecast, and lived for the months that were forecast, over a
 * gateway that always pays. Hundreds of them are among the long tests.
 */

const world = await testWorld({ at: START, catalog });

test.each([
  ['as things stand', null],
  ['with another catalog, which is applied then', edited],
])(
  'what falls due is what was forecast, to the minor unit and the day, in 8 random books: %s',
  async (_case, whatIf) => {
    const { forecast, happened } = await liveForecast(world, 1, 8, whatIf);
    expect(happened).toEqual(forecast.rows);
    expect(forecast.run.charges).toBeGreaterThan(26);
    expect(forecast.not_forecast.length).toBeLessThan(3);
  },
  300_000,
);
