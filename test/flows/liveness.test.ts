import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';
import { livesOfCharges } from './lives-of-charges.ts';
import { livesOfDisputes } from './lives-of-disputes.ts';
import { livesOfEdits } from './lives-of-edits.ts';
import { livesOfMoney } from './lives-of-money.ts';
import { catalog, type Lives, start } from './waiting.ts';

/*
 * docs/reliability.md has a table of everything that waits. It is read here: each state that the database knows has a line,
 * and each line is lived with a Xendit that never helps, until its end or until a person was told.
 */

const world = await testWorld({ at: start, catalog });
beforeEach(async () => {
  await world.startOver(start);
  await applied(world, catalog);
});

const doc = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
const [table = ''] = /\| what waits \|[\s\S]*?\n\n/.exec(doc) ?? [];
const [quiet = ''] = /These wait for nothing:[\s\S]*?\n\n/.exec(doc) ?? [];
const lines = table
  .split('\n')
  .slice(2)
  .flatMap((line) => line.split('|')[1]?.trim() ?? []);
const statesIn = (text: string) => [...text.matchAll(/`([a-z_]+\.[a-z_ ]+)`/g)].map(([, state]) => state ?? '');

/** By the first column of the table. */
const lives: Lives = {
  ...livesOfCharges(world),
  ...livesOfEdits(world),
  ...livesOfMoney(world),
  ...livesOfDisputes(world),
};

/** Breakers have their own tests: test/flows/breakers.test.ts. */
const elsewhere = new Set(['`breakers.open`', '`breakers.half_open`']);

describe('everything that waits', () => {
  test('has a line in docs/reliability.md, or is said to wait for nothing', async () => {
    const constraints = await world.ask<{ name: string; states: string }>(sql`select conname as name,
        pg_get_constraintdef(oid) as states from pg_constraint where conname in ('charges_status', 'attempts_outcome',
        'subscriptions_status', 'onboardings_status', 'inbox_status', 'breakers_state', 'changes_state', 'repricings_state',
        'imports_state', 'import_rows_state', 'refunds_state', 'disputes_state')`);
    expect(constraints).toHaveLength(12);
    const known = constraints.flatMap(({ name, states }) =>
      [...states.matchAll(/'([a-z_]+)'/g)].map(([, state]) => `${name.replace(/_[a-z]+$/, '')}.${state}`),
    );
    const said = new Set([...statesIn(table), ...statesIn(quiet)]);
    expect([...known, 'attempts.in flight'].filter((state) => !said.has(state))).toEqual([]);
  });

  test('is lived below, line by line', () => {
    expect(lines.filter((line) => !elsewhere.has(line)).toSorted()).toEqual(Object.keys(lives).toSorted());
  });

  test.each(Object.entries(lives))('comes to its end, and is told of: %s', { timeout: 120_000 }, async (_, live) => {
    await live();
  });
});
