import { type SQLWrapper, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { inLanes, sharesOf } from '../../src/flows/control/lanes.ts';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { type Database, DatabaseError, isConnectionFault } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { statements } from './cut-connection.ts';
import { expectSound } from './oracle.ts';
import { paymentEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const lost = () => new DatabaseError('The connection was lost.', 'CONNECTION_CLOSED');

/** The database loses the connection the first times it runs such a statement: before it, or after it was committed. */
function losing(pattern: RegExp, times: number, when: 'before' | 'after' = 'before'): Database {
  let left = times;
  return {
    ...world.db,
    async run<T>(query: SQLWrapper) {
      if (left === 0 || !pattern.test(statementOf(query).text)) return await world.db.run<T>(query);
      left -= 1;
      if (when === 'after') await world.db.run(query);
      throw lost();
    },
  };
}

describe('a connection that is lost', () => {
  test.each([
    ['before', 1],
    ['before', 6],
    ['after', 1],
    ['after', 6],
  ] as const)(
    '%s an answer in hand is settled, %i times: it is settled then, and nobody is asked about it',
    async (when, times) => {
      const id = await world.onboard('order-1');
      await world.workAs({ ...ctx, db: losing(statements.settle, times, when) });
      expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
      expect(gateway.asked).toEqual([]);
      await expectSound(world);
    },
  );

  test('for longer than an answer is kept in hand ends the run; what was charged is asked about', async () => {
    const id = await world.onboard('order-1');
    const error = await world.workAs({ ...ctx, db: losing(statements.settle, 100) }).catch((thrown: unknown) => thrown);
    expect(isConnectionFault(error)).toBe(true);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: null }] });
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect([gateway.sent.length, gateway.asked.length]).toEqual([1, 1]);
  });

  test('while a webhook is processed costs it no try: the run ends, and the next one begins with it', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async (sent) => {
      const outcome = succeeded();
      await world.receives(paymentEvent(sent, outcome));
      return await gateway.inSilence(outcome)(sent);
    });
    await world.work();
    const away = { ...ctx, db: losing(statements.settle, 1) };
    await expect(processWebhooks(away)).rejects.toThrow(DatabaseError);
    expect(await world.ask(sql`select status, tries from inbox`)).toEqual([{ status: 'received', tries: 0 }]);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('batches in lanes', () => {
  test('what was taken is worked on, though another lane failed meanwhile; then no more is taken', async () => {
    const taken: number[] = [];
    const done: number[] = [];
    const gate = Promise.withResolvers<void>();
    async function* numbers() {
      for (let n = 1; n <= 9; n += 1) {
        // Being claimed while the first one fails.
        if (n === 2) await gate.promise;
        taken.push(n);
        yield n;
      }
    }
    const work = async (n: number) => {
      if (n === 1) {
        gate.resolve();
        throw new Error('the first');
      }
      await Promise.resolve();
      done.push(n);
      if (n === 2) throw new Error('the second');
    };
    await expect(inLanes([numbers()], 2, work)).rejects.toThrow('the first');
    expect(done).toEqual([2]);
    expect(taken).toEqual([1, 2]);
  });

  test('a queue that waits for what another holds is let go when a lane fails: the run ends', async () => {
    const held = Promise.withResolvers<string>();
    const done: string[] = [];
    async function* holder() {
      try {
        yield 'first';
        yield 'second';
      } finally {
        held.resolve('let go');
      }
    }
    async function* waiter() {
      yield await held.promise;
    }
    const work = async (one: string) => {
      if (one === 'first') throw new Error('the first');
      done.push(one);
    };
    await expect(inLanes([holder(), waiter()], 2, work)).rejects.toThrow('the first');
    expect(done).toEqual(['let go']);
  });

  test('all of it, when nothing fails', async () => {
    const done: number[] = [];
    async function* numbers() {
      for (let n = 1; n <= 5; n += 1) yield n;
    }
    await inLanes([numbers()], 3, async (n) => void done.push(n));
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  test('by a lane whose own queue is empty, too', async () => {
    const done: string[] = [];
    async function* queue(name: string, length: number) {
      for (let n = 1; n <= length; n += 1) yield `${name}${n}`;
    }
    await inLanes([queue('a', 0), queue('b', 3)], 1, async (one) => void done.push(one));
    expect(done).toEqual(['b1', 'b2', 'b3']);
  });

  test('of every bucket, which has its place in one share', () => {
    const shares = sharesOf([7, 1, 4, 2, 9], 2);
    expect(shares).toEqual([
      [7, 4, 9],
      [1, 2],
    ]);
    expect(sharesOf([], 2)).toEqual([[], []]);
  });
});
