import { expect } from 'vitest';
import { brokenLink as brokenLinkIn, unsound } from '../support/oracle.ts';
import type { World } from '../support/world.ts';

/** The first entry at which a subscription's chain breaks; null when it is whole, from its first entry to its head. */
export async function brokenLink(world: World, id: string): Promise<number | null> {
  return await brokenLinkIn(world.db, id);
}

/** Races are lost quietly: an error in the log is somebody's evening. */
export function expectNothingToTell(world: World): void {
  expect(world.logged.filter((line) => line.level === 'error')).toEqual([]);
}

/** What must hold whatever happened, once everything is quiet: see test/support/oracle.ts. */
export async function expectSound(world: World): Promise<void> {
  const taken = world.gateway.payments.map(({ referenceId, currency, amount }) => ({
    referenceId,
    currency,
    amount: BigInt(amount),
  }));
  expect(await unsound(world.db, taken)).toEqual([]);
}
