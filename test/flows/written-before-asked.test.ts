import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/infra/ids.ts';
import { type Sent, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

describe('when the gateway hears of an attempt', () => {
  test('its row is there for everybody to read, with the whole request', async () => {
    const id = await world.onboard('order-1');
    const second = world.another().db;
    const seen: unknown[] = [];
    gateway.script(async (sent: Sent) => {
      seen.push(
        ...(await second.run<{
          request: string;
          request_hash: string;
        }>(sql`select a.request, a.request_hash, a.reference_id, a.number, a.outcome, a.lease_until > now() as leased,
          c.status, c.attempts from attempts a join charges c on c.bucket = a.bucket and c.id = a.charge_id`)),
      );
      expect(seen).toEqual([
        {
          // All but the payment token, which has its own row.
          request: sent.body.replace(sent.tokenId, '{payment_token}'),
          request_hash: sha256(sent.body),
          reference_id: `due_${id}_0_1`,
          number: 1,
          outcome: null,
          leased: true,
          status: 'attempting',
          attempts: 1,
        },
      ]);
      return succeeded();
    });
    await world.work();
    expect(seen).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('the ledger says already that it was sent', async () => {
    const id = await world.onboard('order-1');
    let told: readonly string[] = [];
    gateway.script(async () => {
      told = await world.told(id);
      return succeeded();
    });
    await world.work();
    expect(told.at(-1)).toBe('attempt.sent');
  });

  test('no transaction is open, neither idle nor at work', async () => {
    await world.onboard('order-1');
    let open: unknown;
    gateway.script(async () => {
      open = await world.ask(sql`select state, query from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`);
      return succeeded();
    });
    await world.work();
    expect(open).toEqual([]);
  });

  test('the request says what was agreed: token, amount, mandate and return addresses', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const { mandate } = await world.subscription(id);
    expect(JSON.parse(gateway.sent[0]?.body ?? '')).toMatchObject({
      referenceId: `due_${id}_0_1`,
      amount: '150000',
      currency: 'IDR',
      channelCode: 'CARDS',
      recurring_frequency: mandate?.recurring_frequency,
      recurring_expiry: mandate?.recurring_expiry,
      returnUrls: { success: 'https://example.com/thanks', cancel: 'https://example.com/pay' },
      metadata: { subscription_id: id, cycle: '0' },
    });
  });
});

describe('what was written', () => {
  test.each(['request', 'request_hash', 'reference_id', 'amount', 'currency', 'number', 'sent_at', 'token_id', 'via'])(
    'never changes: %s of an attempt',
    async (column) => {
      await world.onboard('order-1');
      await world.work();
      const change = world.ask(sql`update attempts set ${sql.raw(`${column} = ${column}`)}`);
      await expect(change).rejects.toThrow('attempts_keep_their_request');
    },
  );

  test('is never deleted, and a success never taken back', async () => {
    await world.onboard('order-1');
    await world.work();
    await expect(world.ask(sql`delete from attempts`)).rejects.toThrow('attempts_are_not_deleted');
    await expect(world.ask(sql`update attempts set outcome = 'declined'`)).rejects.toThrow(
      'attempts_keep_their_success',
    );
    await expect(world.ask(sql`update charges set status = 'due', collected = 0`)).rejects.toThrow('charges_stay_paid');
    await expect(world.ask(sql`update charges set amount = 1`)).rejects.toThrow('charges_keep_their_terms');
  });

  test.each(['kind', 'cycle', 'extra', 'account', 'amount', 'currency'])(
    'never changes: %s of a charge',
    async (column) => {
      await world.onboard('order-1');
      await world.work();
      const change = world.ask(sql`update charges set ${sql.raw(`${column} = ${column}`)}`);
      await expect(change).rejects.toThrow('charges_keep_their_terms');
    },
  );

  test.each([
    ['a cycle and a number of its own', "'cycle'", 'cycle + 1', '1'],
    ['neither', "'cycle'", 'null', 'null'],
    ['the number of an extra one as a cycle', "'extra'", 'cycle + 1', 'null'],
    ['a kind of its own', "'gift'", 'cycle + 1', 'null'],
  ])('is no charge that has %s', async (_, kind, cycle, extra) => {
    await world.onboard('order-1');
    await world.work();
    await expect(world.ask(copyOfCharge(kind, cycle, extra))).rejects.toMatchObject({ constraint: 'charges_kind' });
  });

  test('has room for an extra charge of nothing beside the cycles, once under its number', async () => {
    await world.onboard('order-1');
    await world.work();
    const extra = copyOfCharge("'extra'", 'null', '1', '0');
    await world.ask(sql`${extra} where kind = 'cycle'`);
    await expect(world.ask(sql`${extra} where kind = 'cycle'`)).rejects.toMatchObject({
      constraint: 'charges_one_per_extra',
    });
    await expect(world.ask(copyOfCharge("'cycle'", 'cycle + 1', 'null', '-1'))).rejects.toMatchObject({
      constraint: 'charges_amount',
    });
  });

  test.each([
    ['a token by a session', "'session'", 'token_id'],
    ['no token where it charges one', "'token'", 'null'],
    ['a way of its own', "'cash'", 'null'],
  ])('is no attempt that has %s', async (_, via, token) => {
    await world.onboard('order-1');
    await world.work();
    const attempt = sql`insert into attempts (bucket, id, charge_id, customer_id, via, token_id, number, reference_id, request, amount,
        currency, sent_at, lease_until, outcome, outcome_at)
      select bucket, gen_random_uuid(), charge_id, customer_id, ${sql.raw(via)}, ${sql.raw(token)}, 2, 'other', request, amount,
        currency, sent_at, lease_until, 'declined', now() from attempts`;
    await expect(world.ask(attempt)).rejects.toMatchObject({ constraint: 'attempts_via' });
  });

  test('is told with the real time of its writing, of the account that it concerns', async () => {
    const [before] = await world.ask<{ at: string }>(sql`select now()::text as at`);
    await world.onboard('order-1');
    await world.work();
    const entries =
      await world.ask(sql`select account, written_at between ${before?.at}::timestamptz - interval '1 second' and now()
      + interval '1 second' as really, count(*) > 3 as all from ledger group by 1, 2`);
    expect(entries).toEqual([{ account: '', really: true, all: true }]);
  });

  test('has room for one charge a cycle only', async () => {
    await world.onboard('order-1');
    await world.work();
    const second =
      world.ask(sql`insert into charges (bucket, id, subscription_id, customer_id, cycle, period_start, period_end,
        due_at, plan, catalog_version, amount, currency, status, created_at)
      select bucket, gen_random_uuid(), subscription_id, customer_id, cycle, period_start, period_end, due_at, plan,
        catalog_version, amount, currency, 'due', created_at from charges`);
    await expect(second).rejects.toMatchObject({ constraint: 'charges_one_per_cycle' });
  });

  test('has room for one open attempt a charge only', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ kind: 'unknown', detail: 'cut', paymentRequestId: null });
    await world.work();
    const second =
      world.ask(sql`insert into attempts (bucket, id, charge_id, customer_id, token_id, number, reference_id,
        request, amount, currency, sent_at, lease_until)
      select bucket, gen_random_uuid(), charge_id, customer_id, token_id, 2, ${`due_${id}_0_2`}, request, amount, currency,
        sent_at, lease_until from attempts`);
    await expect(second).rejects.toMatchObject({ constraint: 'attempts_one_open_per_charge' });
  });
});

/** A statement that writes the charge of the world once more, with these of its columns. */
function copyOfCharge(kind: string, cycle: string, extra: string, amount = 'amount') {
  return sql`insert into charges (bucket, id, subscription_id, customer_id, kind, cycle, extra, period_start, period_end, due_at, plan,
      catalog_version, amount, currency, status, created_at)
    select bucket, gen_random_uuid(), subscription_id, customer_id, ${sql.raw(kind)}, ${sql.raw(cycle)}, ${sql.raw(`${extra}::int`)},
      period_start, period_end, due_at, plan, catalog_version, ${sql.raw(amount)}, currency, 'void', created_at from charges`;
}
