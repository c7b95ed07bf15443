import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { attemptCharges } from '../../src/flows/due-date/attempt-charges.ts';
import { claimDueCharges } from '../../src/flows/due-date/claim-due-charges.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { settleAttempts } from '../../src/flows/due-date/settle-attempts.ts';
import { declined, type Sent, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { cutConnection } from './cut-connection.ts';
import { expectSound } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const channels = { card: {}, wallet: { channelCode: 'OVO', network: null } };
const never = new Promise<never>(() => undefined);
/** The leases of the dead are over: real time, which a test does not wait for. */
const lapse = () => world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);

/** The daemon works until it dies; what it had under way goes on nowhere. */
async function dies(daemon: Context, at: Promise<unknown> = never): Promise<void> {
  await Promise.race([world.workAs(daemon).catch(() => undefined), at]);
}

/** Another daemon takes over and lives for two days; then everything must be sound. */
async function takenOver(): Promise<void> {
  const heir = world.another();
  await lapse();
  await world.liveUntil('2026-02-02T12:00:00Z', heir);
  await lapse();
  await world.liveUntil('2026-02-02T13:00:00Z', heir);
  await expectSound(world);
}

/** A gateway in which this becomes of the request, and whose answer the dead never hear. */
function deafTo(becomes: (sent: Sent) => unknown): Promise<void> {
  const heard = Promise.withResolvers<void>();
  gateway.script(async (sent) => {
    await becomes(sent);
    heard.resolve();
    return await never;
  });
  return heard.promise;
}

test.each([
  ['two days', '2026-02-02T02:00:00Z'],
  ['all but an hour of the day in which it is asked about', '2026-02-01T01:00:00Z'],
])(
  'what a dead daemon left open for %s is asked about and held; no request leaves of which nobody would hear',
  async (_, back) => {
    const id = await world.onboard('order-1');
    await dies({ ...ctx, db: cutConnection(ctx.db, 'claim', 'after') });
    world.moveTo(back);
    await lapse();
    gateway.script(gateway.inSilence(succeeded()));
    await world.liveUntil('2026-02-04T02:00:00Z', world.another());
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(gateway.sent).toEqual([]);
    await expectSound(world);
  },
);

describe.each(['card', 'wallet'] as const)('a daemon that dies while it bills a %s', (channel) => {
  const onboard = () => world.onboard('order-1', 'monthly', {}, channels[channel]);

  test.each([
    ['open', 'before'],
    ['open', 'after'],
    ['claim', 'before'],
  ] as const)(
    'at the statement %s, %s it was committed: nothing was sent, and it is collected once',
    async (at, when) => {
      const id = await onboard();
      await dies({ ...ctx, db: cutConnection(ctx.db, at, when) });
      expect(gateway.sent).toEqual([]);
      await takenOver();
      expect(await world.charges(id)).toMatchObject([
        { status: 'paid', collected: 150_000, attempts: [{ number: 1 }] },
      ]);
      expect(gateway.payments).toHaveLength(1);
    },
  );

  test('after its claim was committed, before it sends: asked about, then collected once or held', async () => {
    const id = await onboard();
    await dies({ ...ctx, db: cutConnection(ctx.db, 'claim', 'after') });
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: null }] });
    await takenOver();
    const [charge] = await world.charges(id);
    expect(charge).toMatchObject(
      channel === 'card' ? { status: 'paid' } : { status: 'held', hold_reason: 'unknown_outcome' },
    );
    expect(charge?.attempts).toHaveLength(1);
    expect(gateway.sent).toHaveLength(channel === 'card' ? 1 : 0);
  });

  test.each([
    ['is paid', gateway.inSilence(succeeded()), 'paid'],
    ['is declined', gateway.inSilence(declined('INSUFFICIENT_BALANCE')), 'paid'],
    ['never arrives', () => undefined, channel === 'card' ? 'paid' : 'held'],
  ])('after it has sent a request that %s: collected once, or held', async (_, becomes, status) => {
    const id = await onboard();
    await dies(ctx, deafTo(becomes));
    await takenOver();
    expect(await world.charge(id)).toMatchObject({ status });
    expect(gateway.payments.length).toBe(status === 'paid' ? 1 : 0);
  });

  test.each([
    ['before', succeeded()],
    ['after', succeeded()],
    ['before', declined('INSUFFICIENT_BALANCE')],
    ['after', declined('INSUFFICIENT_BALANCE')],
    ['before', unknown()],
    ['after', unknown()],
  ] as const)('when it settles, %s that is committed, what was answered: %o', async (when, answer) => {
    const id = await onboard();
    gateway.script(answer);
    await dies({ ...ctx, db: cutConnection(ctx.db, 'settle', when) });
    await takenOver();
    const isHeld = answer.kind === 'unknown' && channel === 'wallet';
    expect(await world.charge(id)).toMatchObject({ status: isHeld ? 'held' : 'paid', overpaid: 0 });
    expect(gateway.payments).toHaveLength(isHeld ? 0 : 1);
  });

  test.each(['takeForRescue', 'settle'] as const)(
    'while it asks about a silent one, at %s, and its heir dies there too',
    async (at) => {
      const id = await onboard();
      gateway.script(gateway.inSilence(succeeded()));
      await world.work();
      world.moveTo('2026-01-31T02:01:00Z');
      for (const when of ['before', 'after', 'after'] as const) {
        await dies(world.another({ db: cutConnection(ctx.db, at, when) }));
        await lapse();
      }
      await takenOver();
      expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{ number: 1 }] });
      expect(gateway.payments).toHaveLength(1);
    },
  );
});

describe('a daemon that was thought dead', () => {
  test.each([
    ['succeeded', succeeded(), { status: 'paid', attempts: [{ outcome: 'succeeded' }] }],
    ['was declined', declined('INSUFFICIENT_BALANCE'), { status: 'paid', attempts: [{ outcome: 'succeeded' }] }],
    ['is unknown', unknown(), { status: 'paid', attempts: [{ outcome: 'succeeded' }] }],
  ])('and comes back to tell that its attempt %s changes nothing that is known better', async (_, answer, expected) => {
    const id = await world.onboard('order-1');
    const silently = gateway.inSilence(succeeded());
    const frozen = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    gateway.script(async (one) => {
      await silently(one);
      sent.resolve();
      await frozen.promise;
      return answer;
    });
    const zombie = world.workAs(ctx);
    await sent.promise;
    await lapse();
    await world.workAs(world.another());
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    frozen.resolve();
    await zombie;
    expect(await world.charges(id)).toMatchObject([expected]);
    expect(await world.charge(id)).toMatchObject({ overpaid: 0 });
  });

  test('and finds its lease nearly over sends nothing of what it has claimed, and gives it back unspent', async () => {
    const id = await world.onboard('order-1');
    await openCharges(ctx, world.now());
    const claimed = await claimDueCharges(ctx, ctx.buckets).next();
    if (claimed.done === true) throw new Error('Nothing was claimed.');
    const late = { ...claimed.value, claimedAt: claimed.value.claimedAt - 80_000 };
    for await (const answers of attemptCharges(ctx, late)) await settleAttempts(ctx, answers, world.now());
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [{ failure_code: 'LEASE_TOO_SHORT' }] });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { outcome: 'succeeded' }] });
    expect(gateway.payments).toHaveLength(1);
  });
});
