import { expect, test } from 'vitest';
import { LOST, tooOften, untilApplied } from '../../src/flows/change/until-applied.ts';

test('a round that lost is made again until one is written', async () => {
  const rounds: (string | typeof LOST)[] = [LOST, LOST, 'written', 'never reached'];
  expect(await untilApplied(async () => rounds.shift() ?? LOST, tooOften('It'))).toBe('written');
  expect(rounds).toEqual(['never reached']);
});

test('and twenty that lost in a row are a bug, which is said and does not go on for ever', async () => {
  let made = 0;
  const lose = async (): Promise<typeof LOST> => {
    made += 1;
    return LOST;
  };
  await expect(untilApplied(lose, tooOften('Charge c-1'))).rejects.toThrow(
    'Charge c-1 changed under our hands 20 times',
  );
  expect(made).toBe(20);
  expect(await untilApplied<string>(lose, () => 'busy')).toBe('busy');
});
