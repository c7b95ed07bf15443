import { describe, expect, test } from 'vitest';
import { apiOver, fieldsOf } from '../support/api.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

/** What more of it costs is paid before it applies. */
const catalog = plainCatalog.replace('  weekly:\n', '  weekly:\n    changes: pay_link\n');
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog });
const api = await apiOver(world.ctx);

async function running(reference: string, plan?: string): Promise<string> {
  const id = await world.onboard(reference, plan);
  await world.work();
  return `/v1/subscriptions/${id}`;
}

describe('a change over HTTP', () => {
  test('is previewed, made with what the preview answered, and then done', async () => {
    const at = await running('order-1');
    const previewed = await api.post(`${at}/change/preview`, { quantity: 2 });
    expect(previewed).toMatchObject({ status: 200, body: { due: 'next_cycle', currency: 'IDR' } });
    const made = await api.post(`${at}/change`, { preview_token: previewed.body.preview_token });
    expect(made).toMatchObject({ status: 200, body: { quantity: 2, unit_amount: 150_000 } });
    expect((await api.get(`${at}/changes`)).body.data).toMatchObject([{ what: 'quantity', state: 'applied' }]);
    expect(await api.post(`${at}/change`, { preview_token: previewed.body.preview_token })).toMatchObject({
      status: 409,
    });
  });

  test('that is paid first waits for its charge, whose link and page say what is paid', async () => {
    const at = await running('order-first', 'weekly');
    const previewed = await api.post(`${at}/change/preview`, { quantity: 2 });
    expect(previewed).toMatchObject({
      status: 200,
      body: { due: 'now', pay_first: 'pay_link', warnings: [expect.any(String)] },
    });
    const made = await api.post(`${at}/change`, { preview_token: previewed.body.preview_token });
    const chargeId = made.body.planned_change.charge_id;
    expect(made).toMatchObject({
      status: 200,
      body: { quantity: 1, planned_change: { number: 1, state: 'awaiting_payment', when: 'now', at: null } },
    });
    expect((await api.get(`/v1/charges/${chargeId}`)).body).toMatchObject({
      kind: 'extra',
      cycle: null,
      status: 'due',
      amount: previewed.body.amount,
      lines: previewed.body.lines,
    });
    const link = await api.post(`/v1/charges/${chargeId}/pay-link`, { expires_in: '2 hours' });
    expect(link).toMatchObject({ status: 201, body: { expires_at: '2026-01-31T04:00:00Z' } });
    expect(await api.post(`/v1/charges/${chargeId}/retry`, { reason: 'she asked for it' })).toMatchObject({
      status: 409,
    });
    expect((await api.get(`${at}/changes`)).body.data).toMatchObject([
      { state: 'awaiting_payment', charge_id: chargeId },
    ]);
    expect(await api.delete(`${at}/change`)).toMatchObject({ status: 200, body: { planned_change: null } });
    expect(await api.post(`/v1/charges/${chargeId}/pay-link`, {})).toMatchObject({ status: 409 });
    expect((await api.get(`${at}/changes`)).body.data).toMatchObject([{ state: 'withdrawn', why: 'it was withdrawn' }]);
  });

  test('may be planned for the end of the period or a day, and withdrawn', async () => {
    const at = await running('order-2');
    expect(await api.post(`${at}/change`, { quantity: 3, when: 'period_end' })).toMatchObject({
      status: 200,
      body: { quantity: 1, planned_change: { state: 'planned', terms: { quantity: 3 } } },
    });
    expect(await api.post(`${at}/change`, { quantity: 4, when: '2026-02-10' })).toMatchObject({ status: 200 });
    expect(await api.delete(`${at}/change`)).toMatchObject({ status: 200, body: { planned_change: null } });
    expect(await api.delete(`${at}/change`)).toMatchObject({ status: 409 });
  });

  test.each([
    [{ quantity: '2' }, ['quantity']],
    [{ quantity: 0, when: 'soon', foo: 1 }, ['foo', 'quantity', 'when']],
    [{ when: '2026-02-30', quantity: 2 }, ['when']],
    [{ plan: 'nope' }, ['plan']],
    [{}, ['body']],
  ])('with %j is refused by name, and nothing is written', async (body, fields) => {
    const at = await running(`order-${JSON.stringify(body).replaceAll(/\W/g, '')}`);
    for (const path of ['change/preview', 'change']) {
      const answer = await api.post(`${at}/${path}`, body);
      expect([path, answer.status, fieldsOf(answer).toSorted()]).toEqual([path, 400, fields]);
    }
    expect((await api.get(`${at}/changes`)).body.data).toEqual([]);
  });
});
