import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { resumeRepricing, stopRepricing } from '../../src/flows/edits/repricing/repricing-status.ts';
import { importStatus } from '../../src/flows/imports/import-status.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { waitingForSwitch } from '../../src/infra/tables/imports/imports.ts';
import { answering } from '../support/answering.ts';
import { applied } from '../support/applied-catalog.ts';
import { importing } from '../support/importing.ts';
import { csv, fileOf, line } from '../support/subscriber-file.ts';
import type { World } from '../support/world.ts';
import { catalog, type Lives, waiting } from './waiting.ts';

/** Whoever began an import goes on with it. */
const UNFINISHED =
  '`imports.checking`, `imports.checked`, `imports.refused`, `imports.creating`, `import_rows.unknown`, `import_rows.good`, `import_rows.refused`';

const changeStates = sql`select state from changes`;
const repricingStates = sql`select state from repricings`;

/** What somebody has changed, announced or imported. */
export function livesOfEdits(world: World): Lives {
  const { ctx, gateway } = world;
  const { told } = waiting(world);
  const { imports, switches, known, rows } = importing(world);

  /** A subscription that is to be moved to another price, by a repricing that nobody has worked on. */
  async function repricing(): Promise<string> {
    const id = await world.onboard('order-1');
    await world.work();
    await applied(world, catalog);
    const dearer = await applied(world, catalog.replace('amount: 150000', 'amount: 175000'));
    await applied(world, catalog);
    const input = { plan: 'monthly', toVersion: dearer, filter: [], most: null, isDryRun: false, reason: null };
    await draftRepricing(ctx, { ...input, actor: 'siti' });
    return id;
  }

  /** Somebody who has the monthly plan, which costs more from then on, with this notice. */
  async function dearer(notice: string): Promise<{ readonly id: string; readonly version: number }> {
    const id = await world.onboard('order-1');
    await world.work();
    const edited = catalog.replace('  monthly:\n', `  monthly:\n    price_change: next_cycle\n    ${notice}\n`);
    return { id, version: await applied(world, edited.replace('amount: 150000', 'amount: 175000')) };
  }

  return {
    async '`owed_notices`, not sent'() {
      const { id } = await dearer('notice: { before: 7 days }');
      await world.liveUntil('2026-04-15T02:00:00Z');
      expect((await world.told(id)).filter((kind) => kind === 'notice.owed')).toHaveLength(1);
      expect(told('customers are to be told of a higher price')).toHaveLength(1);
      expect(await world.charge(id, 2)).toMatchObject({ amount: 150_000, status: 'paid' });
    },
    async '`notices`, waiting for consent'() {
      const { id, version } = await dearer('notice: { before: 7 days, consent: opt_in, silence: cancel }');
      const notice = { kind: 'price_change', channel: 'email', evidence: null, actor: 'product' } as const;
      await recordNotice(ctx, id, { ...notice, subject: String(version), sentAt: world.now() });
      await world.liveUntil('2026-04-15T02:00:00Z');
      expect(await world.told(id)).toContain('subscription.consent_silence');
      expect(await world.subscription(id)).toMatchObject({
        status: 'canceled',
        reason: expect.stringContaining('silence: cancel'),
      });
    },
    async '`import_rows.created`'() {
      known(1);
      await imports(fileOf(csv(line(1))));
      await world.liveUntil('2026-03-01T02:00:00Z');
      expect(gateway.sent).toEqual([]);
      expect(await waitingForSwitch(ctx.db)).toEqual({
        count: 1,
        nextAt: Temporal.Instant.from('2026-03-10T02:00:00Z'),
      });
      expect(await switches()).toMatchObject([
        { became: 'wait', why: expect.stringContaining('subscriptions resume') },
      ]);
      const [one] = await rows();
      await resumeSubscription(ctx, one?.id ?? '', { actor: 'product' });
      expect(await switches()).toMatchObject([{ became: 'done' }]);
      await world.liveUntil('2026-03-10T02:00:00Z');
      expect(await world.charges(one?.id ?? '')).toMatchObject([{ status: 'void' }, { status: 'paid' }]);
      expect(await waitingForSwitch(ctx.db)).toBeNull();
    },
    async [UNFINISHED]() {
      known(1);
      const path = fileOf(csv(line(1)));
      const token: typeof gateway.token = async () => ({ kind: 'silent', detail: 'no answer' });
      await expect(imports(path, { as: answering(ctx, { token }) })).rejects.toThrow(/does not answer/);
      await world.liveUntil('2026-02-02T02:00:00Z');
      expect(await importStatus(ctx)).toMatchObject([{ state: 'checking', by_state: { unknown: 1 } }]);
      expect(await imports(path)).toMatchObject({ kind: 'created' });
    },
    async '`changes.awaiting_payment`'() {
      const id = await world.onboard('order-1');
      await world.work();
      world.moveTo('2026-02-10T02:00:00Z');
      await changeTerms(ctx, id, { body: { quantity: 2 }, reason: null, actor: 'product' });
      expect(await world.ask(changeStates)).toEqual([{ state: 'awaiting_payment' }]);
      await world.liveUntil('2026-02-11T02:00:00Z');
      expect(await world.ask(changeStates)).toEqual([{ state: 'lapsed' }]);
      expect(await world.told(id)).toContain('subscription.change_lapsed');
    },
    async '`changes.planned`'() {
      const id = await world.onboard('order-1');
      await world.work();
      await changeTerms(ctx, id, { body: { quantity: 2, when: '2026-02-10' }, reason: null, actor: 'product' });
      await world.liveUntil('2026-02-10T01:59:00Z');
      expect(await world.ask(changeStates)).toEqual([{ state: 'planned' }]);
      await world.liveUntil('2026-02-10T02:00:00Z');
      expect(await world.ask(changeStates)).toEqual([{ state: 'applied' }]);
    },
    async '`repricings.running`'() {
      const id = await repricing();
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(await world.ask(repricingStates)).toEqual([{ state: 'done' }]);
      expect(
        await world.ask(sql`select repricing->>'number' as number from subscriptions where id = ${id}::uuid`),
      ).toEqual([{ number: '1' }]);
      expect(world.logged.filter(({ event }) => event === 'repricing is done')).toHaveLength(1);
    },
    async '`repricings.stopped`'() {
      await repricing();
      await stopRepricing(ctx, null);
      await world.liveUntil('2026-02-10T02:00:00Z');
      expect(await world.ask(repricingStates)).toEqual([{ state: 'stopped' }]);
      expect(world.logged.filter(({ event }) => event === 'repricing is stopped')).toHaveLength(1);
      await resumeRepricing(ctx, null);
      await world.work();
      expect(await world.ask(repricingStates)).toEqual([{ state: 'done' }]);
    },
    async '`items`, waiting'() {
      const [id, canceled] = [await world.onboard('order-1'), await world.onboard('order-2')];
      await world.work();
      for (const one of [id, canceled]) await addItem(ctx, one, { text: 'A box', amount: 10_000 }, 'product');
      await cancelSubscription(ctx, canceled, { at: 'now', reason: null, actor: 'product' });
      await world.liveUntil('2026-02-28T03:00:00Z');
      expect(await world.charge(id, 1)).toMatchObject({ amount: 160_000, status: 'paid' });
      expect(await world.charges(canceled)).toHaveLength(1);
      const waiting = await world.ask(sql`select s.status from items i join subscriptions s on s.id = i.subscription_id
        where i.charge_id is null`);
      expect(waiting).toEqual([{ status: 'canceled' }]);
    },
  };
}
