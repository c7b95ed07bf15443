import { describe, expect, test } from 'vitest';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { apiOver, fieldsOf } from '../support/api.ts';
import { createInput } from '../support/create-input.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const patient = await testWorld({
  at,
  catalog: plainCatalog.replace('charge_at: "09:00"', 'charge_at: "09:00"\n  link_valid_for: 24 hours'),
});
const [api, patientApi] = [await apiOver(world.ctx), await apiOver(patient.ctx)];

const wanted = (reference: string, onboarding: object) => ({
  reference_id: reference,
  plan: 'monthly',
  customer: { reference_id: `c-${reference}`, given_names: 'Siti' },
  onboarding,
});

describe('a link is good', () => {
  test('as long as Xendit has it where nobody says', async () => {
    const made = await api.post('/v1/subscriptions', wanted('plain', {}));
    expect(made.body).toMatchObject({ onboarding: { expires_at: null } });
  });

  test('as long as the catalog says, and as the request says before that', async () => {
    const [byCatalog, byRequest] = await Promise.all([
      patientApi.post('/v1/subscriptions', wanted('a', {})),
      patientApi.post('/v1/subscriptions', wanted('b', { expires_in: '2 hours' })),
    ]);
    expect(byCatalog.body).toMatchObject({ onboarding: { expires_at: '2026-02-01T02:00:00Z' } });
    expect(byRequest.body).toMatchObject({ onboarding: { expires_at: '2026-01-31T04:00:00Z' } });
  });

  test('also when it replaces a method', async () => {
    const id = await patient.onboard('c');
    const replaced = await patientApi.post(`/v1/subscriptions/${id}/onboarding`, { expires_in: '1 day' });
    expect(replaced.body).toMatchObject({ onboarding: { expires_at: '2026-02-01T02:00:00Z' } });
    const asBefore = await patientApi.post(`/v1/subscriptions/${id}/onboarding`, {});
    expect(asBefore.body).toMatchObject({ onboarding: { expires_at: '2026-02-01T02:00:00Z' } });
  });

  test.each(['5 minutes', '2h', 'tomorrow', ''])('but not for %o, which is refused by its name', async (text) => {
    const made = await api.post('/v1/subscriptions', wanted('bad', { expires_in: text }));
    expect([made.status, fieldsOf(made)]).toEqual([400, ['onboarding.expires_in']]);
    const id = await world.create('there');
    const replaced = await api.post(`/v1/subscriptions/${id}/onboarding`, { expires_in: text });
    expect([replaced.status, fieldsOf(replaced)]).toEqual([400, ['expires_in']]);
  });
});

describe('a length that Xendit does not take is told in its words', () => {
  const message = 'expires_at must not exceed the maximum allowed expiry duration';
  const strict = (ctx: typeof world.ctx) => ({
    ...ctx,
    gateway: {
      ...ctx.gateway,
      openSession: async () =>
        ({ kind: 'refused', status: 400, code: 'INVALID_EXPIRY_DATE', message, retryAfterSeconds: null }) as const,
    },
  });

  test('with the field of the request', async () => {
    const refusing = await apiOver(strict(world.ctx));
    const made = await refusing.post('/v1/subscriptions', wanted('long', { expires_in: '52 weeks' }));
    expect(made.status).toBe(422);
    expect(made.body).toMatchObject({
      detail: expect.stringContaining(message),
      errors: [{ field: 'onboarding.expires_in', message }],
    });
  });

  test('with the field of the catalog where the request says nothing', async () => {
    expect(await createSubscription(strict(patient.ctx), createInput('long'))).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/maximum allowed.*defaults\.link_valid_for/),
    });
  });
});

test('with a test clock and a key of Xendit it ends by Xendit’s time, not by that of the clock', async () => {
  const ctx = { ...patient.ctx, key: { mode: 'test', fingerprint: 'a', barred: null } as const };
  const made = await createSubscription(ctx, createInput('real'));
  const id = 'dossier' in made ? made.dossier.subscription.id : '';
  const { onboarding } = await patient.subscription(id);
  const ends = Temporal.Instant.from(onboarding?.expires_at ?? at);
  const [row] = await patient.db.drizzle.execute<{ now: string }>('select now()::text as now');
  const real = Temporal.Instant.from(String(row?.now).replace(' ', 'T'));
  expect(Math.abs(ends.since(real).total('hours') - 24)).toBeLessThan(0.1);
});
