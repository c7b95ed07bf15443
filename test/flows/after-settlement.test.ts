import { type SQLWrapper, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { jobs } from '../../src/entry/scheduler/jobs.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { settleAttempts } from '../../src/flows/due-date/settle-attempts.ts';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { type Database, DatabaseError } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld, type World } from '../support/world.ts';
import { statements } from './cut-connection.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const limits = 'charge_at: "09:00"\n  limits: { per_customer_per_day: { IDR: 200000 }, per_day: { IDR: 20000000 } }';
const braked = await testWorld({ at: start, catalog: plainCatalog.replace('charge_at: "09:00"', limits) });
beforeEach(async () => {
  await world.startOver(start);
  await braked.startOver(start);
});

const customer = { referenceId: 'customer-1', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };

/** The settlement is committed, and its answer is lost, once. */
function losingTheAnswer(db: Database): Database {
  let left = 1;
  return {
    ...db,
    async run<T>(query: SQLWrapper) {
      const rows = await db.run<T>(query);
      if (left === 0 || !statements.settle.test(statementOf(query).text)) return rows;
      left -= 1;
      throw new DatabaseError('The connection was lost.', 'CONNECTION_CLOSED');
    },
  };
}

const daemons: readonly [string, (ctx: Context) => Context][] = [
  ['the answer of the settling commit is lost', (ctx) => ({ ...ctx, db: losingTheAnswer(ctx.db) })],
  [
    'the daemon dies right after the settling commit',
    (ctx) => ({
      ...ctx,
      failpoint: (name: string) => {
        if (name === 'after-settle') throw new Error('The process died here.');
      },
    }),
  ],
];

describe.each(daemons)('although %s', (_, dying) => {
  /** One card, saved for two subscriptions; the second falls due three days later. */
  async function twoOfOneCard(): Promise<{ readonly second: string }> {
    const first = await world.create('order-1', 'monthly', { customer });
    const tokenId = await world.saveMethod(first);
    const anchorDate = Temporal.PlainDate.from('2026-02-03');
    const second = await world.create('order-2', 'monthly', { customer, anchorDate });
    await world.saveMethod(second, { tokenId });
    return { second };
  }

  /** Who looks after methods has died as well: what is left is the claim itself. */
  async function charges(at: string): Promise<void> {
    world.moveTo(at);
    await onDueDate(world.ctx);
  }

  test("a card that was declined as stolen has ended for another subscription before that is due, and nobody else's has", async () => {
    const { second } = await twoOfOneCard();
    const stranger = await world.onboard('order-3', 'monthly', { anchorDate: Temporal.PlainDate.from('2026-02-03') });
    world.gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    await onDueDate(dying(world.ctx)).catch(() => undefined);
    expect(await world.subscription(second)).toMatchObject({ token: { status: 'active' } });
    await world.work();
    expect(await world.subscription(second)).toMatchObject({ token: { status: 'dead' } });
    await world.work();
    expect((await world.told(second)).filter((kind) => kind === 'token.ended')).toHaveLength(1);
    expect(await world.subscription(stranger)).toMatchObject({ token: { status: 'active' } });
    await expectSound(world);
  });

  test('also where nobody ran for a month since', async () => {
    const { second } = await twoOfOneCard();
    const [job] = jobs.filter(({ name }) => name === 'methods');
    await job?.flow(world.ctx);
    world.gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    await onDueDate(dying(world.ctx)).catch(() => undefined);
    world.moveTo('2026-02-28T00:00:00Z');
    await job?.flow(world.another());
    expect(await world.subscription(second)).toMatchObject({ token: { status: 'dead' } });
  });

  test('nor is it charged before anybody looked at methods', async () => {
    const { second } = await twoOfOneCard();
    world.gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    await onDueDate(dying(world.ctx)).catch(() => undefined);
    await charges('2026-02-03T03:00:00Z');
    expect(world.gateway.sent).toHaveLength(1);
    expect(await world.told(second)).toContain('token.ended');
    await charges('2026-02-03T03:01:00Z');
    expect((await world.charge(second)).next_attempt_at).toBeNull();
    await expectSound(world);
  });

  test('nor is its request repeated', async () => {
    const { second } = await twoOfOneCard();
    world.gateway.script(unknown(), declined('STOLEN_CARD', { networkCode: '43' }));
    const anchored = sql`update subscriptions set next_cycle_at = ${start}::timestamptz where id = ${second}::uuid`;
    await world.work();
    await world.ask(anchored);
    await onDueDate(dying(world.ctx)).catch(() => undefined);
    for (const at of ['2026-01-31T02:03:00Z', '2026-01-31T02:10:00Z', '2026-01-31T04:00:00Z']) {
      world.moveTo(at);
      await rescueAttempts(world.ctx);
    }
    expect(world.gateway.sent).toHaveLength(2);
  });

  test('a card that was saved anew after it had ended is charged', async () => {
    const { second } = await twoOfOneCard();
    world.gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    await onDueDate(dying(world.ctx)).catch(() => undefined);
    await world.above(`update tokens set saved_at = '2026-02-01T00:00:00Z' where status = 'active'`);
    await world.liveUntil('2026-02-03T03:00:00Z');
    expect(await world.charge(second)).toMatchObject({ status: 'paid' });
  });

  test('what was declined is not in the count of the day', async () => {
    const first = await braked.onboard('order-1', 'monthly', { customer });
    braked.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await braked.workAs(dying(braked.ctx)).catch(() => undefined);
    const second = await braked.onboard('order-2', 'monthly', { customer });
    await braked.work();
    expect((await braked.charge(first)).status).toBe('due');
    expect(await braked.charge(second)).toMatchObject({ status: 'paid', hold_reason: null });
    expect(await counts(braked)).toEqual([{ customer: '150000', day: '150000' }]);
  });

  test('what was collected after all is in the count of its day', async () => {
    const first = await braked.onboard('order-1', 'monthly', { customer });
    braked.gateway.script(declined('INSUFFICIENT_BALANCE'));
    await braked.work();
    expect(await counts(braked)).toEqual([{ customer: '0', day: '0' }]);
    const [attempt] = (await braked.charge(first)).attempts;
    const [row] = await braked.ask<{ id: string }>(sql`select id from attempts`);
    const answered = [{ attemptId: row?.id ?? '', outcome: succeeded() }];
    await settleAttempts(dying(braked.ctx), answered, braked.now()).catch(() => undefined);
    await settleAttempts(braked.ctx, answered, braked.now());
    expect(attempt?.outcome).toBe('declined');
    expect(await counts(braked)).toEqual([{ customer: '150000', day: '150000' }]);
  });
});

async function counts({ ask }: World): Promise<readonly object[]> {
  return await ask(
    sql`select c.spent ->> 'IDR' as customer, s.amount::text as day from customers c, spending s where s.currency = 'IDR'`,
  );
}

describe('a method that an outcome ended', () => {
  async function bothOf(second: { readonly anchorDate?: Temporal.PlainDate }) {
    const first = await world.create('order-1', 'monthly', { customer });
    const tokenId = await world.saveMethod(first);
    const other = await world.create('order-2', 'monthly', { customer, ...second });
    await world.saveMethod(other, { tokenId });
    return { first, other };
  }

  test('is ended for the others also where their own answers come in the same group', async () => {
    await world.onboard('order-0');
    await world.work();
    const { first, other } = await bothOf({});
    world.gateway.otherwise(unknown());
    await world.work();
    const rows = await world.ask<{ id: string; reference_id: string }>(sql`select id, reference_id from attempts`);
    const attemptOf = (id: string) => rows.find((row) => row.reference_id.startsWith(`due_${id}_`))?.id ?? '';
    const stolen = { attemptId: attemptOf(first), outcome: declined('STOLEN_CARD', { networkCode: '43' }) };
    await settleAttempts(world.ctx, [stolen, { attemptId: attemptOf(other), outcome: succeeded() }], world.now());
    expect(await world.charge(other)).toMatchObject({ status: 'paid' });
    expect(await world.told(other)).toContain('token.ended');
  });

  test('stays for the others where the decline loses to a success of the same attempt', async () => {
    const { first, other } = await bothOf({ anchorDate: Temporal.PlainDate.from('2026-02-03') });
    world.gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    let isFirst = true;
    const run = async <T>(query: SQLWrapper) => {
      if (isFirst && statements.settle.test(statementOf(query).text)) {
        isFirst = false;
        const [attempt] = await world.ask<{ id: string }>(sql`select id from attempts`);
        await settleAttempts(world.ctx, [{ attemptId: attempt?.id ?? '', outcome: succeeded() }], world.now());
      }
      return await world.db.run<T>(query);
    };
    await world.workAs({ ...world.ctx, db: { ...world.db, run } });
    expect(await world.charge(first)).toMatchObject({ status: 'paid' });
    expect(await world.told(other)).not.toContain('token.ended');
  });
});
