import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { methodsOf } from '../../src/flows/methods/ranking.ts';
import { type ReplaceInput, replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { subscriptionDossier } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
beforeEach(() => world.startOver(start));

const asBefore: ReplaceInput = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };

const card = (name: string) => ({ tokenId: `pt-${name}`, label: name, fingerprint: name });

/** A subscription that is charged to `new`, and has `old` behind it; nothing of it was charged by now. */
async function twoCards(reference = 'order-1'): Promise<string> {
  const id = await world.onboard(reference, 'monthly', {}, card('old'));
  await replaceMethod(world.ctx, id, asBefore);
  await world.saveMethod(id, card('new'));
  return id;
}

async function order(id: string): Promise<readonly (string | null)[]> {
  const dossier = await subscriptionDossier(world.db, bucketOf(id), id);
  if (dossier === null) throw new Error(`There is no subscription ${id}.`);
  return (await methodsOf(world.ctx, dossier.subscription)).map(({ label, status }) => `${label} ${status}`);
}

const charged = () => world.gateway.sent.map(({ tokenId }) => tokenId);

describe('a method that replaces another', () => {
  test('is charged, and the one before it comes next', async () => {
    expect(await order(await twoCards())).toEqual(['new active', 'old active']);
  });

  test('takes the place of one that had ended, and of the same card saved before', async () => {
    const id = await twoCards();
    await replaceMethod(world.ctx, id, asBefore);
    await world.saveMethod(id, { ...card('again'), fingerprint: 'old' });
    expect(await order(id)).toEqual(['again active', 'new active']);
    await endMethod(
      world.ctx,
      'pt-again',
      { as: 'expired', why: 'over', actor: 'xendit', at: world.now() },
      world.now(),
    );
    await replaceMethod(world.ctx, id, asBefore);
    await world.saveMethod(id, card('last'));
    expect(await order(id)).toEqual(['last active', 'new active']);
  });
});

describe('the next method', () => {
  test('is tried at once in the same charge, once the one before is at fault', async () => {
    const id = await twoCards();
    world.gateway.script(declined('EXPIRED_CARD'), succeeded());
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-new', 'pt-old']);
    const charge = await world.charge(id);
    expect(charge).toMatchObject({ status: 'paid' });
    expect(JSON.stringify(charge.attempts[0])).toContain('the next one is tried: old');
    expect(await order(id)).toEqual(['old active', 'new dead']);
  });

  test('is not tried after a decline for funds, nor while an outcome is unknown', async () => {
    await twoCards();
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-new']);
    await world.startOver(start);
    await twoCards();
    world.gateway.script(unknown());
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-new']);
  });

  test('is not tried after a decline for funds whose mandate ends before the next try', async () => {
    const id = await twoCards();
    await world.above(`update tokens set recurring_expiry = '2026-01-31' where label = 'new'`);
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-new']);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
  });

  test('is the last one where all are at fault: each is tried once, and then the customer is waited for', async () => {
    const id = await twoCards();
    world.gateway.script(declined('DECLINED_BY_ISSUER', { networkCode: '9G' }), declined('EXPIRED_CARD'));
    await world.work();
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-new', 'pt-old']);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
  });

  test('is charged where Xendit ended the first one, and nobody was asked in between', async () => {
    const id = await twoCards();
    await endMethod(world.ctx, 'pt-new', { as: 'expired', why: 'over', actor: 'xendit', at: world.now() }, world.now());
    world.gateway.script(succeeded());
    await world.work();
    expect(charged()).toEqual(['pt-old']);
    expect(await order(id)).toEqual(['old active', 'new expired']);
  });

  test('is found again by the charge itself, where the one in use is over and nothing moved', async () => {
    const id = await twoCards();
    await world.above(`update tokens set recurring_expiry = '2026-01-30' where label = 'new'`);
    world.gateway.script(succeeded());
    await world.work();
    await world.work();
    expect(charged()).toEqual(['pt-old']);
    expect(await world.told(id)).toContain('token.ranked');
  });
});
