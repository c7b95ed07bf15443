import { expect, test } from 'vitest';
import { catalog, liveBooks, START } from '../support/random-books.ts';
import { testWorld } from '../support/world.ts';

/*
 * One half of ten thousand random books; the other half is beside it, so that two cores share them. A book is a subscription with a plan, a
 * quantity, a coupon, credit, items and a tax rate that changes, at a random place in its period. A change of it is previewed and made with the
 * token of the preview: each charge that is opened then is to the minor unit what was shown, with its lines, its discount, its tax and its
 * credit, on its day.
 */

const world = await testWorld({ at: START, catalog });

test('what happens is what was previewed, in five thousand random books', async () => {
  await world.startOver(START);
  const lived = await liveBooks(world, 1, 500);
  expect(lived.differences).toEqual([]);
  expect(lived.changes).toBeGreaterThanOrEqual(5_000);
  expect(lived.charges).toBeGreaterThan(1_500);
}, 900_000);
