import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { pruneInbox } from '../../src/flows/inbox/prune-inbox.ts';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { resealInbox } from '../../src/infra/tables/methods/resealing.ts';
import { openVault } from '../../src/infra/vault/vault.ts';
import { answering } from '../support/answering.ts';
import { unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent, sessionEvent } from './xendit-events.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
const inbox = async () => await world.ask(sql`select status, note, tries from inbox order by received_at, id`);
const waits = () => Promise.reject(new Error('It waited.'));

/** An attempt of which nobody knows what became of it, and as many webhooks about it, each with another body. */
async function flooded(count: number): Promise<void> {
  await world.onboard('order-1');
  gateway.script(unknown());
  await world.work();
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('Nothing was sent.');
  for (let n = 0; n < count; n += 1) await world.receives(paymentEvent(sent, paid, { nonce: n }));
}

describe('a flood of webhooks with the callback token', () => {
  test('spends half of the look-ups and keeps nobody waiting: the rescue has the other half', async () => {
    await flooded(100);
    const paced: AccountContext = { ...ctx, requestsPerMinute: 20, sleep: waits };
    await processWebhooks(paced);
    expect(gateway.asked).toHaveLength(10);
    const put = (await inbox()).filter(({ note }) => note === 'all that may be asked in this minute was asked');
    expect(put).toHaveLength(90);
    expect(put.every(({ tries }) => tries === 0)).toBe(true);
    world.moveTo('2026-01-31T02:01:00Z');
    await rescueAttempts(paced);
    expect(gateway.asked).toHaveLength(11);
  });

  test('is behind nobody’s link: a customer who saved a method is heard of at once', async () => {
    await flooded(150);
    const id = await world.create('order-2');
    const session = (await world.subscription(id)).onboarding?.session_id ?? '';
    await world.receives(sessionEvent(session, 'COMPLETED', gateway.completes(session)));
    const never = new Promise<never>(() => undefined);
    void processWebhooks(answering(ctx, { lookUp: () => never }));
    await expect.poll(async () => (await world.subscription(id)).status, { timeout: 10_000 }).toBe('active');
  });
});

describe('the inbox', () => {
  /** What is kept of each body; null: nothing. */
  const kept = async () =>
    (await world.ask<{ body: unknown }>(sql`select body from inbox order by received_at, id`)).map(({ body }) => body);

  test('drops the bodies of what was dealt with long ago, and knows the same webhook all the same', async () => {
    const event = { event: 'moon.risen', data: { id: 1 } };
    await world.receives(event);
    await world.work();
    world.moveTo('2026-02-01T01:59:00Z');
    await pruneInbox(ctx);
    expect(await kept()).not.toEqual([null]);
    world.moveTo('2026-02-01T02:00:00Z');
    await world.work();
    expect(await kept()).toEqual([null]);
    expect(await world.receives({ ...event, created: '2026-03-01T00:00:00Z' })).toBe('known');
    expect(await inbox()).toMatchObject([{ status: 'ignored' }]);
  });

  test('keeps what it waits to process, and what was processed for a month', async () => {
    await flooded(1);
    gateway.finds(gateway.sent[0]?.referenceId ?? '', { kind: 'unanswered', detail: 'no answer' });
    world.moveTo('2026-03-30T02:00:00Z');
    await pruneInbox(ctx);
    expect(await kept()).not.toContain(null);
    gateway.finds(gateway.sent[0]?.referenceId ?? '', { kind: 'found', outcome: paid });
    await processWebhooks(ctx);
    world.moveTo('2026-04-29T01:00:00Z');
    await pruneInbox(ctx);
    expect(await kept()).not.toContain(null);
    world.moveTo('2026-04-29T03:00:00Z');
    await pruneInbox(ctx);
    expect(await kept()).toEqual([null]);
  });

  test('has nothing left to seal of a body that is gone', async () => {
    await world.receives({ event: 'moon.risen', data: {} });
    await world.work();
    world.moveTo('2026-02-02T02:00:00Z');
    await pruneInbox(ctx);
    const [before] = await world.ask<{ key: string }>(sql`select sealed_with as key from inbox`);
    const vault = openVault([{ id: 'next', secret: Buffer.alloc(32, 'next') }]);
    const seat = { bucket: -1, id: '00000000-0000-0000-0000-000000000000' };
    expect(await resealInbox({ ...ctx.db, vault }, before?.key ?? '', seat, 10)).toMatchObject({ done: 1 });
    expect(await kept()).toEqual([null]);
    expect(await world.ask(sql`select sealed_with from inbox`)).toEqual([{ sealed_with: 'next' }]);
  });
});
