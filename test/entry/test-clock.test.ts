import { describe, expect, test } from 'vitest';
import { advanceClock } from '../../src/flows/time/advance-clock.ts';
import { virtualClock } from '../../src/infra/clock.ts';
import { setTestClock } from '../../src/infra/tables/control/test-clock.ts';
import { apiOver, fieldsOf } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const START = '2030-01-31T02:00:00Z';
const world = await testWorld({ at: START });
let wakes = 0;
const ctx = {
  ...world.ctx,
  clock: virtualClock(world.db),
  wake: () => {
    wakes += 1;
  },
};
const api = await apiOver(ctx);
await api.get('/v1/test-clock');
await setTestClock(world.db, Temporal.Instant.from(START));

/** As the scheduler does when it is woken. */
const arrive = () => advanceClock(ctx);

describe('the test clock', () => {
  test('says where it stands', async () => {
    expect((await api.get('/v1/test-clock')).body).toEqual({ now: START, status: 'ready' });
  });

  test('is moved forward, doing on the way what falls due', async () => {
    // The world's own clock stands still; what is done here is done by the test clock.
    const id = await world.create('on-the-way', 'weekly');
    await world.saveMethod(id);
    wakes = 0;
    const asked = await api.post('/v1/test-clock', { now: '2030-02-28T02:00:00Z' });
    expect(asked.body).toEqual({ now: START, status: 'advancing' });
    expect(wakes).toBe(1);
    await arrive();
    expect((await api.get('/v1/test-clock')).body).toEqual({ now: '2030-02-28T02:00:00Z', status: 'ready' });
    const charges = await world.charges(id);
    expect(charges.map((charge) => [charge.status, charge.attempts[0]?.sent_at])).toEqual([
      ['paid', '2030-01-31T02:00:00Z'],
      ['paid', '2030-02-07T02:00:00Z'],
      ['paid', '2030-02-14T02:00:00Z'],
      ['paid', '2030-02-21T02:00:00Z'],
      ['paid', '2030-02-28T02:00:00Z'],
    ]);
  });

  test('jumps over what falls due on the way, as if the daemon had been down', async () => {
    const id = await world.onboard('jumped', 'monthly', { anchorDate: Temporal.PlainDate.from('2030-02-28') });
    const asked = await api.post('/v1/test-clock', { now: '2030-07-10T02:00:00Z', jump: true });
    expect(asked.body.now).toBe('2030-07-10T02:00:00Z');
    await arrive();
    expect((await api.get('/v1/test-clock')).body).toEqual({ now: '2030-07-10T02:00:00Z', status: 'ready' });
    expect((await world.charges(id)).map((charge) => charge.status)).toEqual(['void', 'void', 'void', 'void', 'paid']);
  });

  test('never goes back, and takes no second order while it is under way', async () => {
    expect((await api.post('/v1/test-clock', { now: '2030-07-10T01:59:59Z' })).status).toBe(409);
    expect((await api.post('/v1/test-clock', { now: '2030-07-11T00:00:00Z' })).body.status).toBe('advancing');
    const second = await api.post('/v1/test-clock', { now: '2030-07-12T00:00:00Z' });
    expect(second.status).toBe(409);
    expect(second.type).toContain('application/problem+json');
    await arrive();
    expect((await api.get('/v1/test-clock')).body.now).toBe('2030-07-11T00:00:00Z');
  });

  test('stays where it is when it is told so', async () => {
    await api.post('/v1/test-clock', { now: '2030-07-11T00:00:00Z' });
    await arrive();
    expect((await api.get('/v1/test-clock')).body).toEqual({ now: '2030-07-11T00:00:00Z', status: 'ready' });
  });

  test.each([
    [{}, ['now']],
    [{ now: 'tomorrow' }, ['now']],
    [{ now: '2030-08-01' }, ['now']],
    [{ now: 1 }, ['now']],
    [{ now: '+275760-01-01T00:00:00Z' }, ['now']],
    [{ now: '2030-08-01T00:00:00Z', jump: 'yes' }, ['jump']],
    [{ now: '2030-08-01T00:00:00Z', back: true }, ['back']],
  ])('does not move for %j', async (body, fields) => {
    const asked = await api.post('/v1/test-clock', body);
    expect([asked.status, fieldsOf(asked)]).toEqual([400, fields]);
    expect((await api.get('/v1/test-clock')).body.status).toBe('ready');
  });

  test('there is none with the clock of the system', async () => {
    const real = await apiOver({ ...world.ctx, clock: { ...world.ctx.clock, kind: 'system' } });
    expect((await real.get('/v1/test-clock')).status).toBe(404);
    expect((await real.post('/v1/test-clock', { now: START })).status).toBe(404);
    expect((await real.send('GET', '/openapi.json', '', {})).text).not.toContain('test-clock');
  });
});
