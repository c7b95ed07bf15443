import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { payFirst, payFirstCatalog, START, standing, TO_TEAM } from '../support/pay-first.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: START, catalog: payFirstCatalog });
const { ctx, gateway } = world;
const { ask, running, agreeing, extra, changes, expectWhole, lives } = payFirst(world);
beforeEach(() => world.startOver(START));

describe('an upgrade over the saved method', () => {
  test('is refused without a method that was saved for it, and without consent, with the way out', async () => {
    const id = await running();
    const body = { plan: 'team' };
    const refusal = async () => await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
    expect(await refusal()).toEqual({
      kind: 'refused',
      detail: expect.stringContaining('save_for: MERCHANT_UNSCHEDULED'),
    });
    expect(await previewChange(ctx, id, { body, actor: 'siti' })).toMatchObject({ kind: 'refused' });
    const other = await running('order-2', 'MERCHANT_UNSCHEDULED');
    const asked = async () => await changeTerms(ctx, other, { body, reason: null, actor: 'siti' });
    expect(await asked()).toEqual({ kind: 'refused', detail: expect.stringContaining('what: extra, answer: given') });
    const consent = { evidence: 'ticket 7', actor: 'siti' } as const;
    await recordConsent(ctx, other, { what: 'extra', answer: 'given', ...consent });
    await recordConsent(ctx, other, { what: 'extra', answer: 'refused', ...consent });
    await recordConsent(ctx, other, { what: 'save_again', answer: 'given', ...consent });
    expect(await asked()).toEqual({ kind: 'refused', detail: expect.stringContaining('refused charges outside') });
    await recordConsent(ctx, other, { what: 'extra', answer: 'given', ...consent });
    await recordConsent(ctx, other, { what: 'save_again', answer: 'refused', ...consent });
    expect(await asked()).toMatchObject({ kind: 'changed' });
    expect(await world.ask(sql`select 1 from changes where subscription_id = ${id}`)).toEqual([]);
  });

  test('is asked for as MERCHANT_UNSCHEDULED, under a reference of its own, and applies when it is paid', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    expect(await world.subscription(id)).toMatchObject({ plan: 'pro', planned_change: { state: 'awaiting_payment' } });
    await world.work();
    expect(gateway.sent.at(-1)).toMatchObject({ referenceId: `due_${id}_x1_1`, amount: String(TO_TEAM) });
    expect(gateway.sent.at(-1)?.body).toContain('MERCHANT_UNSCHEDULED');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(await lives(id)).toMatchObject({ plan: 'team' });
    expect(await world.charge(id, 1)).toMatchObject({ amount: 600_000 });
    await expectWhole();
  });

  test.for(['INSUFFICIENT_BALANCE', 'EXPIRED_CARD', 'STOLEN_CARD', 'ISSUER_SUSPECT_FRAUD'])(
    'that is declined with %s lapses: plan, amount, dates and access are what they were, and nobody is dunned',
    async (code) => {
      const id = await agreeing();
      const before = standing(await world.subscription(id));
      await ask(id, { plan: 'team' });
      gateway.script(declined(code));
      await world.work();
      expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining(code)]]);
      expect(standing(await world.subscription(id))).toEqual(before);
      expect(await extra(id)).toMatchObject({
        status: 'void',
        attempts: [{ outcome: 'declined', decision: { kind: 'void' } }],
      });
      await world.liveUntil('2026-09-20T00:00:00Z');
      expect(gateway.sent).toHaveLength(2);
      await expectWhole();
    },
  );

  test('of which nobody knows the end waits, and applies once it is found paid', async () => {
    const id = await agreeing();
    const before = standing(await world.subscription(id));
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    gateway.finds(`due_${id}_x1_1`, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-09-11T10:00:00Z');
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    expect(standing(await world.subscription(id))).toEqual(before);
    expect(await withdrawChange(ctx, id, 'siti')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('nobody knows'),
    });
    expect(await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'siti' })).toMatchObject({
      kind: 'refused',
    });
    const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
    gateway.finds(`due_${id}_x1_1`, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-09-11T12:00:00Z');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
    expect(gateway.sent).toHaveLength(2);
    await expectWhole();
  });

  test('whose end is heard of after its period is given back', async () => {
    const id = await agreeing();
    world.moveTo('2026-09-30T10:00:00Z');
    await ask(id, { plan: 'team' });
    gateway.script(unknown());
    const name = `due_${id}_x1_1`;
    gateway.finds(name, { kind: 'unanswered', detail: 'no answer' });
    await world.work();
    await world.liveUntil('2026-10-01T03:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ amount: 150_000 });
    gateway.finds(name, { kind: 'found', outcome: { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } });
    await world.liveUntil('2026-10-01T06:00:00Z');
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('the period is over')]]);
    expect(await extra(id)).toMatchObject({ status: 'void', overpaid: 15_000 });
    expect(await world.ask(sql`select kind from findings`)).toEqual([{ kind: 'overpayment' }]);
    await expectWhole();
  });

  test('that never reached the issuer is tried again in minutes, and applies when it is paid', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    gateway.script(declined('CHANNEL_UNAVAILABLE'));
    await world.work();
    expect(await changes(id)).toEqual([[1, 'awaiting_payment', null]]);
    await world.liveUntil('2026-09-11T03:00:00Z');
    expect(await changes(id)).toEqual([[1, 'applied', null]]);
  });

  test('is not sent any more once its customer has taken the consent back', async () => {
    const id = await agreeing();
    await ask(id, { plan: 'team' });
    await recordConsent(ctx, id, { what: 'extra', answer: 'refused', evidence: 'ticket 8', actor: 'siti' });
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(await changes(id)).toEqual([[1, 'lapsed', expect.stringContaining('refused charges outside')]]);
  });
});
