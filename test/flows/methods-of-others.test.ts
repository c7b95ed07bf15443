import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { endTheRest } from '../../src/flows/methods/end-the-rest.ts';
import { reviveMethod } from '../../src/flows/methods/revive-method.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { createInput } from '../support/create-input.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/*
 * A method is one of several of its subscription, and may be saved for others too: what happens to it happens to each row that it
 * has, wherever that stands, and to no row that was saved since.
 */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const siti = { customer: createInput('siti').customer };
const asBefore = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const card = (name: string) => ({ tokenId: `pt-${name}`, label: name, fingerprint: name });

async function saveAnother(id: string, name: string): Promise<void> {
  await replaceMethod(ctx, id, asBefore);
  await world.saveMethod(id, card(name));
}

const methods = async (id: string) =>
  (await world.subscription(id)).methods.map(({ label, status }) => `${label} ${status}`);
const spares = async (id: string) =>
  (await world.ask<{ count: number }>(sql`select spare_methods as count from subscriptions where id = ${id}::uuid`))[0]
    ?.count;

const dead = (why = 'INVALID_TOKEN') => ({ as: 'dead', why, actor: 'dueday', at: world.now() }) as const;
const mistaken = {
  codes: ['INVALID_TOKEN'],
  since: Temporal.Instant.from('2026-01-30T00:00:00Z'),
  why: 'CARDS was at fault.',
};

describe('a method that ended by mistake', () => {
  test('is tried again after the one in use, where it stood behind it', async () => {
    const id = await world.onboard('a', 'monthly', siti, card('old'));
    await world.work();
    await saveAnother(id, 'new');
    await endMethod(ctx, 'pt-old', dead(), world.now());
    expect([await methods(id), await spares(id)]).toEqual([['new active', 'old dead'], 0]);
    await reviveMethod(ctx, 'pt-old', mistaken, world.now());
    expect([await methods(id), await spares(id)]).toEqual([['new active', 'old active'], 1]);
    gateway.script(declined('STOLEN_CARD'));
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(gateway.sent.slice(-2).map(({ tokenId }) => tokenId)).toEqual(['pt-new', 'pt-old']);
  });

  test('stands behind the one that took its place', async () => {
    const id = await world.onboard('a', 'monthly', siti, card('old'));
    await world.work();
    await saveAnother(id, 'new');
    await endMethod(ctx, 'pt-new', dead(), world.now());
    expect([await methods(id), await spares(id)]).toEqual([['old active', 'new dead'], 0]);
    await reviveMethod(ctx, 'pt-new', mistaken, world.now());
    expect([await methods(id), await spares(id)]).toEqual([['old active', 'new active'], 1]);
  });

  test('is charged though the one before it has ended for good', async () => {
    const id = await world.onboard('a', 'monthly', siti, card('old'));
    await world.work();
    await saveAnother(id, 'new');
    for (const name of ['old', 'new']) await endMethod(ctx, `pt-${name}`, dead(name), world.now());
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', attempts: [] });
    await reviveMethod(ctx, 'pt-old', { ...mistaken, codes: ['old'] }, world.now());
    await world.work();
    await world.work();
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });
});

describe('a method that ended for one subscription', () => {
  test('ends for another that has it behind its own, also where nobody lived to tell', async () => {
    const first = await world.onboard('a', 'monthly', siti, card('shared'));
    const second = await world.onboard('b', 'monthly', siti, card('shared'));
    await world.work();
    await saveAnother(second, 'own');
    await world.above(`update tokens set status = 'dead', ended_at = '${START}', ended_reason = 'INVALID_TOKEN'
      where id = (select token_id from subscriptions where reference_id = 'a')`);
    expect(await methods(second)).toEqual(['own active', 'shared active']);
    await endTheRest(ctx);
    expect([await methods(first), await methods(second), await spares(second)]).toEqual([
      ['shared dead'],
      ['own active', 'shared dead'],
      0,
    ]);
  });

  test('lives on where its customer has saved it since', async () => {
    const [first, second, third] = [
      await world.onboard('a', 'monthly', siti, card('shared')),
      await world.onboard('b', 'monthly', siti, card('shared')),
      await world.onboard('c', 'monthly', siti, card('shared')),
    ];
    await world.work();
    await world.above(`update tokens set status = 'dead', ended_at = '${START}', ended_reason = 'INVALID_TOKEN'
      where id = (select token_id from subscriptions where reference_id = 'a')`);
    world.moveTo('2026-01-31T02:10:00Z');
    await saveAnother(second, 'shared');
    world.moveTo('2026-01-31T02:20:00Z');
    for (let look = 0; look < 3; look += 1) await endTheRest(ctx);
    const all = await Promise.all([first, second, third].map(methods));
    expect(all).toEqual([['shared dead'], ['shared active'], ['shared dead']]);
  });

  test('lives on there too where the next charge of a third finds out', async () => {
    const [first, second] = [
      await world.onboard('a', 'monthly', siti, card('shared')),
      await world.onboard('b', 'monthly', siti, card('shared')),
    ];
    const anchorDate = Temporal.PlainDate.from('2026-02-10');
    const third = await world.onboard('c', 'monthly', { ...siti, anchorDate }, card('shared'));
    await world.work();
    await world.above(`update tokens set status = 'dead', ended_at = '${START}', ended_reason = 'INVALID_TOKEN'
      where id = (select token_id from subscriptions where reference_id = 'a')`);
    world.moveTo('2026-01-31T02:10:00Z');
    await saveAnother(second, 'shared');
    world.moveTo('2026-02-10T02:00:00Z');
    await onDueDate(ctx);
    await endTheRest(ctx);
    const all = await Promise.all([first, second, third].map(methods));
    expect(all).toEqual([['shared dead'], ['shared active'], ['shared dead']]);
  });

  test('ends though the row of one of them cannot be worked with, which is charged to its next method once it is mended', async () => {
    const broken = await world.onboard('a', 'monthly', siti, card('own'));
    await world.work();
    await saveAnother(broken, 'shared');
    const other = await world.onboard('b', 'monthly', siti, card('shared'));
    await world.work();
    const sent = gateway.sent.length;
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    gateway.ends('pt-shared', 'expired');
    await world.receives({
      event: 'payment_token.expired',
      data: { payment_token_id: 'pt-shared', status: 'EXPIRED' },
    });
    await world.work();
    await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta' where id = ${broken}::uuid`);
    expect([await methods(broken), await methods(other)]).toEqual([
      ['shared expired', 'own active'],
      ['shared expired'],
    ]);
    expect(world.logged.map(({ event }) => event)).toContain('subscription cannot be worked with');
    await world.liveUntil('2026-02-28T04:00:00Z');
    expect(gateway.sent.slice(sent).map(({ tokenId }) => tokenId)).toEqual(['pt-own']);
    expect(await world.charge(broken, 1)).toMatchObject({ status: 'paid' });
    expect([await methods(broken), await spares(broken)]).toEqual([['own active', 'shared expired'], 0]);
  });

  test('is no spare any more of a row that cannot be worked with', async () => {
    const broken = await world.onboard('a', 'monthly', siti, card('shared'));
    await world.work();
    await saveAnother(broken, 'own');
    expect(await spares(broken)).toBe(1);
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    expect(await endMethod(ctx, 'pt-shared', dead(), world.now())).toBe('ended');
    expect(await spares(broken)).toBe(0);
  });
});
