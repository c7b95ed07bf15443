import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { behindLink, openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { asUsual, byHand } from '../support/by-hand.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { owing, linkTo } = byHand(world);
beforeEach(() => world.startOver(START));

describe('a link to pay by hand', () => {
  test('asks nothing of Xendit and changes nothing of its charge, however often it is looked at', async () => {
    const { id, chargeId } = await owing();
    const before = await world.charge(id);
    const token = await linkTo(chargeId);
    for (let look = 0; look < 5; look += 1)
      expect(await behindLink(ctx, token)).toMatchObject({ kind: 'owed', dossier: { charge: { id: chargeId } } });
    expect(gateway.offers).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ ...before, history: expect.anything() });
    expect((await world.told(id)).at(-1)).toBe('charge.link_opened');
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ via: 'token' }, { via: 'token' }] });
  });

  test('is the same while one is good, and another one afterwards', async () => {
    const { chargeId } = await owing('order-1', 'EXPIRED_CARD');
    const first = await openPayLink(ctx, chargeId, { ...asUsual, linkMinutes: 60 });
    expect(first).toMatchObject({ kind: 'opened', expiresAt: Temporal.Instant.from('2026-01-31T03:00:00Z') });
    expect(await openPayLink(world.another(), chargeId, asUsual)).toEqual({ ...first, kind: 'same' });
    world.moveTo('2026-01-31T03:00:00Z');
    const second = await openPayLink(ctx, chargeId, asUsual);
    expect(second).toMatchObject({ kind: 'opened', expiresAt: Temporal.Instant.from('2026-03-02T03:00:00Z') });
    expect(second).not.toMatchObject({ url: (first as { url: string }).url });
    expect(await behindLink(ctx, (first as { url: string }).url.split('/pay/')[1] ?? '')).toMatchObject({
      kind: 'over',
    });
  });

  test('is refused where no customer could follow it, with the way out', async () => {
    const { chargeId } = await owing();
    const live = { ...ctx, key: { ...ctx.key, mode: 'live' } } as const;
    const here = { publicUrl: 'http://127.0.0.1:8080' };
    expect(await openPayLink({ ...live, ...here }, chargeId, asUsual)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('set PUBLIC_URL'),
    });
    expect(await openPayLink({ ...ctx, ...here }, chargeId, asUsual)).toMatchObject({ kind: 'opened' });
    expect(await openPayLink(live, chargeId, asUsual)).toMatchObject({ kind: 'same' });
  });

  test('that was changed in any letter leads nowhere, nor does one of another charge', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    expect(token).toMatch(/^[A-Za-z0-9_-]{51}$/);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await behindLink(ctx, changed), changed).toEqual({ kind: 'not_found' });
    }
    expect(await behindLink(ctx, '')).toEqual({ kind: 'not_found' });
    expect(await behindLink(ctx, `${token}A`)).toEqual({ kind: 'not_found' });
  });

  test('holds beyond a restart and in every replica, and its key never changes', async () => {
    const { chargeId } = await owing();
    const token = await linkTo(chargeId);
    expect(await behindLink(world.another(), token)).toMatchObject({ kind: 'owed' });
    await expect(world.ask(sql`update link_key set key = 'x'`)).rejects.toThrow('link_key_never_changes');
  });

  test.for<[string, (chargeId: string, id: string) => Promise<unknown>, string]>([
    ['void', (chargeId) => voidCharge(ctx, chargeId, { actor: 'a', reason: 'given away' }), 'it is no longer owed'],
    ['void', (_, id) => cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'a' }), 'it is no longer owed'],
    ['paid', () => world.liveUntil('2026-02-01T03:00:00Z'), 'it is paid'],
  ])('of a charge that is %s says so, and no other is made', async ([status, act, why]) => {
    const { id, chargeId } = await owing();
    const token = await linkTo(chargeId);
    await act(chargeId, id);
    expect(await behindLink(ctx, token)).toEqual({ kind: 'over', as: status, why });
    expect(await payThrough(ctx, token)).toEqual({ kind: 'over', as: status, why });
    expect(await openPayLink(ctx, chargeId, asUsual)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining(`The charge is ${status}`),
    });
    expect(gateway.offers).toEqual([]);
  });
});
