import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SQLWrapper, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { catalogAtStart, catalogForCommand } from '../../src/flows/catalog/read-catalog.ts';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { claimDueCharges } from '../../src/flows/due-date/claim-due-charges.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import {
  catalogInForce,
  putInForce,
  storeCatalog,
  versionInForce,
} from '../../src/infra/tables/catalog/catalog-versions.ts';
import { createInput } from '../support/create-input.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, db } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const edited = plainCatalog.replace('amount: 150000', 'amount: 175000');

/** A daemon of the sandbox that starts with this text in its catalog file. */
const starts = async (text: string) => await startsWith(fileWith(text), true);
/** One with a key of Xendit's. */
const startsLive = async (text: string) => await startsWith(fileWith(text), false);

async function startsWith(file: string, appliesItself: boolean): Promise<AccountContext> {
  const { catalogs, putInForce: serves } = await catalogAtStart(ctx, file, appliesItself);
  await serves();
  return world.another({ catalog: catalogs });
}

/** Whatever is in force, this version is now, as an apply puts it there. */
async function apply(to: number): Promise<void> {
  const from = (await versionInForce(db))?.version ?? null;
  await putInForce(db, { from, to, shown: null, actor: 'person', reason: null, at: world.now() });
}

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

function fileWith(text: string): string {
  const file = join(passingDirectory(), 'catalog.yaml');
  writeFileSync(file, text);
  return file;
}

const versionOf = async (daemon: Pick<AccountContext, 'catalog'>) => daemon.catalog.current.version;

test('the edit of this test is one', () => {
  expect(edited).not.toBe(plainCatalog);
});

describe('an edit that is taken back', () => {
  test('leaves the daemon and the commands on the same version: the one from before the edit', async () => {
    const before = await starts(plainCatalog);
    const after = await starts(edited);
    const back = await starts(plainCatalog);
    const command = { catalog: await catalogForCommand(ctx, fileWith('is not read')) };
    expect(await versionOf(after)).toBeGreaterThan(await versionOf(before));
    expect(await versionOf(back)).toBe(await versionOf(before));
    expect(await versionOf(command)).toBe(await versionOf(back));
    expect(await catalogInForce(db)).toMatchObject({ version: await versionOf(back), source: plainCatalog });
  });

  test('is told of as the prices that it changes back', async () => {
    await starts(edited);
    await starts(plainCatalog);
    expect(world.logged.filter(({ event }) => event.startsWith('prices changed'))).toMatchObject([
      { facts: { plans: expect.stringContaining('monthly') } },
    ]);
  });
});

describe('a daemon that runs works by the catalog that another one has applied', () => {
  test('from its next work on', async () => {
    const first = await starts(plainCatalog);
    const id = await world.onboard('order-1');
    const second = await starts(edited);
    await world.workAs(first);
    expect(await versionOf(first)).toBe(await versionOf(second));
    expect(await world.charge(id)).toMatchObject({ status: 'paid', amount: 150_000 });
    expect(await world.ask(sql`select catalog_version from charges`)).toEqual([
      { catalog_version: await versionOf(second) },
    ]);
  });

  test('and for a subscription that is created there', async () => {
    const first = await starts(plainCatalog);
    await starts(edited);
    const created = await createSubscription(first, createInput('order-1', 'monthly'));
    expect(created).toMatchObject({ kind: 'created', dossier: { subscription: { amount: 175_000n } } });
  });

  test('and not in the midst of a subscription that it creates: its version is the one that its terms are from', async () => {
    const first = await starts(plainCatalog);
    const before = await versionOf(first);
    const openSession: AccountContext['gateway']['openSession'] = async (...asked) => {
      await starts(edited);
      await mayCharge(first);
      return await ctx.gateway.openSession(...asked);
    };
    const slow = { ...first, gateway: { ...first.gateway, openSession } };
    const created = await createSubscription(slow, createInput('order-1', 'monthly'));
    expect(await versionOf(first)).toBeGreaterThan(before);
    expect(created).toMatchObject({ dossier: { subscription: { amount: 150_000n, catalogVersion: before } } });
  });

  describe('and not between looking at charges and claiming them: a first limit of a day counts one charge of a customer a statement', () => {
    const limits = 'charge_at: "09:00"\n  limits: { per_customer_per_day: { IDR: 200000 } }';
    const limited = plainCatalog.replace('charge_at: "09:00"', limits);
    const customer = { referenceId: 'siti', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const counted = async () => await world.ask(sql`select spent from customers where spent is not null`);

    test('as long as a claim takes', async () => {
      const first = await starts(plainCatalog);
      for (const name of ['order-1', 'order-2']) await world.onboard(name, 'monthly', { customer });
      let isApplied = false;
      const run = async <T>(query: SQLWrapper) => {
        const rows = await first.db.run<T>(query);
        if (isApplied || !/update pace/.test(statementOf(query).text)) return rows;
        isApplied = true;
        await starts(limited);
        await mayCharge(first);
        return rows;
      };
      await openCharges(first, world.now());
      const claims = claimDueCharges({ ...first, db: { ...first.db, run } }, first.buckets);
      expect((await claims.next()).value?.dossiers).toHaveLength(2);
      expect(first.catalog.current.defaults.limits.perCustomerPerDay).toEqual({ IDR: 200_000n });
      expect(await counted()).toEqual([]);
    });

    test('nor while the first of a channel are tried, and others of the same look wait for them', async () => {
      const first = await starts(plainCatalog);
      await world.onboard('order-0');
      world.moveTo('2026-01-31T02:05:00Z');
      const wallet = { channelCode: 'OVO', network: null };
      for (const name of ['order-1', 'order-2']) await world.onboard(name, 'monthly', { customer }, wallet);
      await openCharges(first, world.now());
      const claims = claimDueCharges(first, first.buckets);
      expect((await claims.next()).value?.dossiers).toHaveLength(1);
      await starts(limited);
      await mayCharge(first);
      expect((await claims.next()).value?.dossiers).toHaveLength(2);
      expect(await counted()).toEqual([]);
    });
  });

  test('which it cannot read, as a newer dueday may have written it: it goes on by its own, and says so once', async () => {
    const first = await starts(plainCatalog);
    const id = await world.onboard('order-1');
    const newer = await storeCatalog(db, 'of-a-newer-dueday', 'plans_of_tomorrow: []', world.now());
    await apply(newer);
    await world.workAs(first);
    await world.workAs(first);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await versionOf(first)).not.toBe(newer);
    const said = world.logged.filter(({ event }) => event === 'catalog in force cannot be read');
    expect(said).toMatchObject([{ level: 'error', facts: { version: newer } }]);
  });
});

test('a command that cannot read the version in force works by its own file, and leaves the version in force', async () => {
  await starts(plainCatalog);
  const newer = await storeCatalog(db, 'of-a-newer-dueday', 'plans_of_tomorrow: []', world.now());
  await apply(newer);
  const { current } = await catalogForCommand(ctx, fileWith(edited));
  expect(current.plans.get('monthly')?.price.minor).toBe(175_000n);
  expect(await catalogInForce(db)).toMatchObject({ version: newer });
});

describe('where money moves, a file applies itself to an empty database alone', () => {
  const asked = () =>
    world.ask(sql`select number, from_version, to_version, actor from catalog_applies order by number`);

  test('the first start puts its file in force, and says since when', async () => {
    const first = await startsLive(plainCatalog);
    const version = await versionOf(first);
    expect(await catalogInForce(db)).toMatchObject({ version, source: plainCatalog, since: world.now() });
    expect(await asked()).toEqual([{ number: 1, from_version: null, to_version: version, actor: 'start' }]);
  });

  test('an edit applies nothing: the next daemon works by what is in force, and says that its file differs, by both digests', async () => {
    const before = await versionOf(await startsLive(plainCatalog));
    const file = fileWith(edited);
    const { catalogs, putInForce: serves } = await catalogAtStart(ctx, file, false);
    await serves();
    expect(catalogs.current.version).toBe(before);
    expect(await catalogInForce(db)).toMatchObject({ version: before, source: plainCatalog });
    const why = `${file} (${short(edited)}) is another text than version ${before} (${short(plainCatalog)}), which is in force`;
    expect(world.logged.filter(({ event }) => event === 'catalog file differs')).toMatchObject([
      { level: 'warn', facts: { why: expect.stringContaining(why) } },
    ]);
    expect(await asked()).toHaveLength(1);
  });

  test('nor does a file with faults, or one that is gone: charges go on under the version in force', async () => {
    const before = await versionOf(await startsLive(plainCatalog));
    expect(await versionOf(await startsLive('plans: 7'))).toBe(before);
    expect(await versionOf(await startsWith('/nowhere/catalog.yaml', false))).toBe(before);
  });

  test('a text that was stored by a start that failed is none: the mended file is the first', async () => {
    await catalogAtStart(ctx, fileWith(edited), false);
    const second = await startsLive(plainCatalog);
    expect(await catalogInForce(db)).toMatchObject({ version: await versionOf(second), source: plainCatalog });
  });

  test('of two that start at once with two files one is first, and the other follows it', async () => {
    const one = await catalogAtStart(ctx, fileWith(plainCatalog), false);
    const other = await catalogAtStart(ctx, fileWith(edited), false);
    await one.putInForce();
    await other.putInForce();
    const late = world.another({ catalog: other.catalogs });
    await mayCharge(late);
    expect(await versionOf(late)).toBe(one.catalogs.current.version);
    expect(await asked()).toHaveLength(1);
  });

  test('one that cannot read what is in force does not start: it would sell by another version than its neighbours', async () => {
    await startsLive(plainCatalog);
    await apply(await storeCatalog(db, 'of-a-newer-dueday', 'plans_of_tomorrow: []', world.now()));
    await expect(startsLive(plainCatalog)).rejects.toThrow(
      /cannot be read by this dueday .*start the dueday that applied it/,
    );
  });
});

describe('an older dueday beside this one puts its file in force when it starts', () => {
  const older = (version: number) =>
    world.ask(
      sql`update charging set catalog_version = ${version}::int where account = '' returning catalog_version as kept`,
    );

  test('and keeps the version that is: only an apply changes it', async () => {
    const before = await versionOf(await startsLive(plainCatalog));
    const other = await storeCatalog(db, 'of-an-older-dueday', edited, world.now());
    expect(await older(other)).toEqual([{ kept: before }]);
    await apply(other);
    expect(await older(before)).toEqual([{ kept: other }]);
  });

  test('but may be the first in an empty database', async () => {
    const version = await storeCatalog(db, 'of-an-older-dueday', edited, world.now());
    expect(await older(version)).toEqual([{ kept: version }]);
  });
});

describe('what was in force is kept for ever', () => {
  test('who put it in force is written with it, and nobody changes or deletes it', async () => {
    const before = await versionOf(await startsLive(plainCatalog));
    const to = await storeCatalog(db, 'another', edited, world.now());
    const shown = { digest: 'as-shown', diff: { plans: [] } };
    const asked = { from: before, to, shown, actor: 'siti', reason: 'the rent went up', at: world.now() };
    expect(await putInForce(db, asked)).toBe(true);
    expect(await putInForce(db, asked)).toBe(false);
    expect(
      await world.ask(
        sql`select number, from_version, to_version, digest, shown, actor, reason from catalog_applies where number = 2`,
      ),
    ).toEqual([
      {
        number: 2,
        from_version: before,
        to_version: to,
        digest: 'as-shown',
        shown: { plans: [] },
        actor: 'siti',
        reason: asked.reason,
      },
    ]);
    for (const deed of ['update catalog_applies set reason = null', 'delete from catalog_applies'])
      await expect(world.ask(sql.raw(deed))).rejects.toThrow(/catalog_applies/);
  });
});
