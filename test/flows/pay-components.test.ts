import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { offerSession } from '../../src/flows/paying/offer-session.ts';
import { byHand, components } from '../support/by-hand.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { owing } = byHand(world);
beforeEach(() => world.startOver(START));

describe('a session on the page of the product', () => {
  test('is opened at once, and a second call closes the first', async () => {
    const { id, chargeId } = await owing();
    const first = await offerSession(ctx, chargeId, components);
    const second = await offerSession(ctx, chargeId, components);
    if (first.kind !== 'open' || second.kind !== 'open') throw new Error('not open');
    expect(first.sdkKey).toBe(`session-of-due_${id}_0_p2`);
    expect(second.session.sessionId).not.toBe(first.session.sessionId);
    expect(gateway.sessions.get(first.session.sessionId)).toMatchObject({ status: 'canceled' });
    expect(gateway.sessions.get(second.session.sessionId)).toMatchObject({ status: 'active' });
    expect(gateway.offers[1]).toMatchObject({ mode: 'COMPONENTS', origins: ['https://shop.example'] });
    const kept = await world.ask<{ text: string }>(
      sql`select a::text || o::text as text from attempts a join onboardings o on o.attempt_id = a.id`,
    );
    expect(kept).toHaveLength(2);
    for (const { text } of kept) expect(text).not.toContain('session-of-');
  });

  test('that cannot be closed keeps the next from being opened', async () => {
    const { chargeId } = await owing();
    await offerSession(ctx, chargeId, components);
    const deaf = {
      ...ctx,
      gateway: { ...gateway, cancelSession: async () => ({ kind: 'silent', detail: 'x' }) as const },
    };
    expect(await offerSession(deaf, chargeId, components)).toMatchObject({ kind: 'unavailable' });
    expect(gateway.offers).toHaveLength(1);
  });

  test('that was paid when it was to be closed is paid', async () => {
    const { id, chargeId } = await owing();
    const first = await offerSession(ctx, chargeId, components);
    if (first.kind !== 'open') throw new Error('not open');
    gateway.pays(first.session.sessionId);
    expect(await offerSession(ctx, chargeId, components)).toEqual({ kind: 'over', as: 'paid', why: 'it is paid' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});
