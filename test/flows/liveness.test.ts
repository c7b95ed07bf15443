import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { checkCollected } from '../../src/flows/books/check-collected.ts';
import { newComparison } from '../../src/flows/books/comparison.ts';
import { recheckFindings } from '../../src/flows/books/recheck-findings.ts';
import { draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { resumeRepricing, stopRepricing } from '../../src/flows/edits/repricing/repricing-status.ts';
import { importStatus } from '../../src/flows/imports/import-status.ts';
import { behindLink, openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { withdrawRefund } from '../../src/flows/refunds/decide-refund.ts';
import { workRefunds } from '../../src/flows/refunds/work-refunds.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { addItem } from '../../src/flows/subscriptions/change-items.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { waitingForSwitch } from '../../src/infra/tables/imports/imports.ts';
import { applied } from '../support/applied-catalog.ts';
import { importing } from '../support/importing.ts';
import { refundingIn } from '../support/refunding.ts';
import { declined, type Step, unknown } from '../support/scripted-gateway.ts';
import { csv, fileOf, line } from '../support/subscriber-file.ts';
import { plainCatalog, testWorld } from '../support/world.ts';
import { paymentEvent, sessionEvent } from './xendit-events.ts';

/*
 * docs/reliability.md has a table of everything that waits. It is read here: each state that the database knows has a line,
 * and each line is lived with a Xendit that never helps, until its end or until a person was told.
 */

const start = '2026-01-31T02:00:00Z';
/** What more of the monthly plan costs is paid before it applies. */
const catalog = plainCatalog
  .replace('  monthly:\n', '  monthly:\n    changes: pay_link\n')
  .replace('defaults:', 'defaults:\n  refunds: { four_eyes: { IDR: 100000 } }');
const world = await testWorld({ at: start, catalog });
const { ctx, gateway } = world;
const { imports, switches, known, rows } = importing(world);
const refunding = refundingIn(world);
beforeEach(async () => {
  await world.startOver(start);
  await applied(world, catalog);
});

const doc = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
const [table = ''] = /\| what waits \|[\s\S]*?\n\n/.exec(doc) ?? [];
const [quiet = ''] = /These wait for nothing:[\s\S]*?\n\n/.exec(doc) ?? [];
const lines = table
  .split('\n')
  .slice(2)
  .flatMap((line) => line.split('|')[1]?.trim() ?? []);
const statesIn = (text: string) => [...text.matchAll(/`([a-z_]+\.[a-z_ ]+)`/g)].map(([, state]) => state ?? '');

const wallet = { channelCode: 'OVO', network: null };
const silence = { kind: 'unanswered', detail: 'no answer' } as const;
const told = (event: string) => world.logged.filter((line) => line.event === event && line.level !== 'info');
const changeStates = sql`select state from changes`;
const repricingStates = sql`select state from repricings`;
const inbox = async () => await world.ask(sql`select status, tries from inbox`);

/** One charge whose first attempt ended so, and of which Xendit says nothing more. */
async function attempted(outcome: Step, plan = 'weekly'): Promise<string> {
  const id = await world.onboard('order-1', plan, {}, wallet);
  gateway.script(outcome);
  gateway.otherwise(unknown());
  await world.work();
  gateway.finds(`due_${id}_0_1`, silence);
  return id;
}

/** A charge that was declined, and the link behind which its customer may pay it. */
async function linked(code = 'INSUFFICIENT_BALANCE'): Promise<{ readonly id: string; readonly token: string }> {
  gateway.script(declined(code));
  const id = await world.onboard('order-1');
  await world.work();
  const link = await openPayLink(ctx, (await world.charge(id)).id, {
    linkMinutes: null,
    saves: 'DISABLED',
    actor: 'a',
  });
  return { id, token: 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '' };
}

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

const refusal = { kind: 'refused', status: 403, code: 'FORBIDDEN', message: '', retryAfterSeconds: null } as const;

/** Whoever began an import goes on with it. */
const UNFINISHED =
  '`imports.checking`, `imports.checked`, `imports.refused`, `imports.creating`, `import_rows.unknown`, `import_rows.good`, `import_rows.refused`';

/** By the first column of the table. */
const lives: Readonly<Record<string, () => Promise<void>>> = {
  async '`charges.due`, next attempt planned'() {
    const id = await world.onboard('order-1', 'weekly');
    const detail = 'Xendit never says how long';
    gateway.otherwise({ kind: 'refused', scope: 'throttled', code: 'BUSY', detail, retryAfterSeconds: null });
    await world.liveUntil('2026-02-05T18:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'throttled' });
    expect(told('charge held for a person')).toHaveLength(1);
  },
  async '`charges.due`, waiting for its customer'() {
    const id = await world.onboard('order-1', 'weekly');
    gateway.script(declined('EXPIRED_CARD'));
    await world.liveUntil('2026-02-06T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    expect(await world.told(id)).toContain('charge.uncollectible');
  },
  async '`charges.due`, subscription paused'() {
    const id = await world.onboard('order-1', 'monthly');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'product' });
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
    await resumeSubscription(ctx, id, { actor: 'product' });
    await world.liveUntil('2026-02-04T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  },
  async '`charges.attempting`'() {
    const id = await attempted(unknown());
    expect(await world.charge(id)).toMatchObject({ status: 'attempting' });
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held' });
  },
  async '`charges.held`'() {
    const id = await attempted(unknown());
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(told('charge held for a person')).toHaveLength(1);
    gateway.finds(`due_${id}_0_1`, {
      kind: 'found',
      outcome: { kind: 'succeeded', paymentRequestId: 'p', paymentId: 'y' },
    });
    const [sent] = gateway.sent;
    if (sent === undefined) throw new Error('Nothing was sent.');
    await world.receives(paymentEvent(sent, { kind: 'succeeded', paymentRequestId: 'p', paymentId: 'y' }));
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  },
  async '`attempts.in flight`'() {
    const id = await attempted(unknown());
    await world.above(
      `update attempts set outcome = null, outcome_at = null, next_check_at = null, lease_until = now() - interval '1 second'`,
    );
    await world.work();
    expect(await world.charge(id)).toMatchObject({ attempts: [{ outcome: 'unknown' }] });
  },
  async '`attempts.pending`'() {
    const id = await attempted({ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null });
    await world.liveUntil('2026-02-05T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  },
  async '`attempts.unknown`'() {
    const id = await attempted(unknown());
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(gateway.asked.length).toBeLessThan(30);
  },
  async '`attempts.unknown`, rows gone'() {
    await attempted(unknown());
    await world.above('delete from tokens');
    await world.liveUntil('2026-03-31T02:00:00Z');
    const lines_ = told('attempt cannot be worked with: rows that it belongs to are gone');
    expect(lines_.length).toBeGreaterThan(1);
    expect(lines_.length).toBeLessThanOrEqual(16);
    expect(lines_.at(-1)).toMatchObject({ facts: { way_out: expect.stringContaining('nothing asks') } });
  },
  async '`attempts.declined`, action open'() {
    const id = await attempted(declined('REQUIRES_ACTION'));
    await world.ask(sql`update charges set next_attempt_at = ${start}::timestamptz, waits_until = null`);
    await world.liveUntil('2026-02-05T18:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(told('attempt could not be closed')).toHaveLength(1);
    expect(gateway.closed.length).toBeLessThan(140);
  },
  async '`subscriptions.pending`'() {
    const id = await world.create('order-1');
    gateway.expires((await world.subscription(id)).onboarding?.session_id ?? '');
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect(told('subscription waits without a link')).toHaveLength(1);
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
  },
  async '`subscriptions.trialing`, `subscriptions.active`, `subscriptions.past_due`'() {
    const [broken, whole] = [await world.onboard('broken', 'weekly'), await world.onboard('whole', 'weekly')];
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    await world.work();
    expect(told('subscription cannot be worked with').length).toBeGreaterThan(0);
    expect(await world.charge(whole)).toMatchObject({ status: 'paid' });
    await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta'`);
    await world.work();
    expect(await world.charge(broken)).toMatchObject({ status: 'paid' });
  },
  async '`subscriptions.paused`'() {
    const id = await world.onboard('order-1', 'weekly');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'product' });
    await world.liveUntil('2026-02-20T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    await resumeSubscription(ctx, id, { actor: 'product' });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  },
  async '`subscriptions.paused`, until a day'() {
    const id = await world.onboard('order-1', 'weekly');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'product', until: Temporal.PlainDate.from('2026-02-10') });
    await world.liveUntil('2026-02-10T01:59:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    await world.liveUntil('2026-02-10T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.told(id)).toContain('subscription.resumed');
  },
  async '`tokens.active`, charged and ending'() {
    const id = await world.onboard('order-1', 'monthly', {}, { expiryMonth: '03', expiryYear: '2026' });
    const poisoned = await world.onboard('order-2', 'monthly', {}, { expiryMonth: '03', expiryYear: '2026' });
    await world.ask(sql`update subscriptions set charge_at = '99:99' where id = ${poisoned}::uuid`);
    await world.liveUntil('2026-04-01T02:00:00Z');
    expect((await world.told(id)).filter((kind) => kind === 'method.expiring')).toHaveLength(3);
    const looks = told('the end of a method cannot be told');
    expect(looks.length).toBeGreaterThan(0);
    expect(looks.length).toBeLessThanOrEqual(61);
  },
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
  async '`onboardings.active`'() {
    const id = await world.create('order-1');
    const session: typeof gateway.session = async () => ({ kind: 'silent', detail: 'no answer' });
    await world.liveUntil('2026-03-01T02:00:00Z', { ...ctx, gateway: { ...gateway, session } });
    expect(await world.subscription(id)).toMatchObject({ onboarding: { status: 'expired', why: expect.any(String) } });
    expect(told('session is in doubt')).toHaveLength(1);
    expect(told('session ended without a method')).toHaveLength(1);
  },
  async '`inbox.received`'() {
    const id = await world.create('order-1');
    const name = (await world.subscription(id)).onboarding?.session_id ?? '';
    await world.receives(sessionEvent(name, 'COMPLETED', null));
    const readNotice: Context['gateway']['readNotice'] = () => {
      throw new Error('No key of DUEDAY_TOKEN_KEYS opens this webhook.');
    };
    await world.liveUntil('2026-03-15T02:00:00Z', { ...ctx, gateway: { ...gateway, readNotice } });
    expect(await inbox()).toMatchObject([{ status: 'mismatched' }]);
    expect(told('webhook could not be processed')).toHaveLength(1);
    expect(told('webhook does not match')).toHaveLength(1);
  },
  async '`findings.open`'() {
    const id = await world.onboard('order-1');
    await world.ask(sql`insert into findings (bucket, kind, reference, subscription_id, why, found_at)
      select s.bucket, 'not_at_xendit', 'due_' || s.id || '_' || n || '_1', s.id, 'a test', ${start}::timestamptz + n * interval '1 second'
      from subscriptions s, generate_series(1, 250) n where s.id = ${id}::uuid`);
    for (let day = 0; day < 2; day += 1) await recheckFindings(ctx, newComparison());
    expect(await world.ask(sql`select count(*)::int as never from findings where asked_at is null`)).toEqual([
      { never: 0 },
    ]);
  },
  async '`sweep` that was refused or is silent'() {
    const id = await world.onboard('order-1');
    await world.work();
    await world.ask(sql`insert into ledger select (jsonb_populate_record(l, jsonb_build_object('seq', 1000 + n,
        'entry_id', gen_random_uuid(), 'reference_id', 'due_' || l.subscription_id || '_' || n || '_1'))).*
      from ledger l, generate_series(1, 450) n where l.subscription_id = ${id}::uuid and l.kind = 'charge.paid'`);
    const day = {
      from: Temporal.Instant.from('2026-01-30T00:00:00Z'),
      until: Temporal.Instant.from('2026-02-01T00:00:00Z'),
    };
    const faults = [];
    for (let n = 0; n < 3; n += 1) {
      const comparison = newComparison();
      comparison.collected.add(`due_${id}_0_1`);
      faults.push((await checkCollected(ctx, day, comparison))?.kind ?? null);
    }
    expect(faults).toEqual(['refused', 'refused', null]);
  },
  async '`import_rows.created`'() {
    known(1);
    await imports(fileOf(csv(line(1))));
    await world.liveUntil('2026-03-01T02:00:00Z');
    expect(gateway.sent).toEqual([]);
    expect(await waitingForSwitch(ctx.db)).toEqual({ count: 1, nextAt: Temporal.Instant.from('2026-03-10T02:00:00Z') });
    expect(await switches()).toMatchObject([{ became: 'wait', why: expect.stringContaining('subscriptions resume') }]);
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
    await expect(imports(path, { as: { ...ctx, gateway: { ...gateway, token } } })).rejects.toThrow(/does not answer/);
    await world.liveUntil('2026-02-02T02:00:00Z');
    expect(await importStatus(ctx)).toMatchObject([{ state: 'checking', by_state: { unknown: 1 } }]);
    expect(await imports(path)).toMatchObject({ kind: 'created' });
  },
  async '`charging` stopped or disarmed'() {
    const id = await world.onboard('order-1');
    await stopCharging(ctx.db, world.now(), 'a test');
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due' });
  },
  async '`attempts.unknown`, of a session'() {
    const { id, token } = await linked();
    gateway.offerSays({ kind: 'silent', detail: 'no answer' });
    gateway.booksSay(...Array.from({ length: 100 }, () => refusal));
    await payThrough(ctx, token);
    await world.liveUntil('2026-02-01T03:01:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(told('charge held for a person')).toHaveLength(1);
  },
  async '`onboardings.active`, to pay in'() {
    const { id, token } = await linked();
    const led = await payThrough(ctx, token);
    gateway.expires(led.kind === 'open' ? led.session.sessionId : '');
    await world.liveUntil('2026-01-31T02:31:00Z');
    expect(await world.ask(sql`select status from onboardings where attempt_id is not null`)).toEqual([
      { status: 'expired' },
    ]);
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{}, { via: 'session' }, { via: 'token' }],
    });
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
  async '`pay_links`, not yet ended'() {
    const { id, token } = await linked('EXPIRED_CARD');
    world.moveTo('2026-03-02T02:00:00Z');
    expect(await behindLink(ctx, token)).toMatchObject({ kind: 'over', as: 'ended' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  },
  async '`refunds.wanted`'() {
    const refund = await refunding.asks((await refunding.paid()).charge);
    await world.liveUntil('2026-03-31T02:00:00Z');
    expect(await refunding.all()).toMatchObject([{ state: 'wanted' }]);
    expect(gateway.refundsAsked).toEqual([]);
    expect(await withdrawRefund(ctx, refund.id, { actor: 'ana', reason: null })).toMatchObject({ kind: 'decided' });
  },
  async '`refunds.approved`'() {
    const { charge } = await refunding.paid();
    const busy = {
      kind: 'refused',
      status: 400,
      code: 'REFUND_IN_PROGRESS',
      message: '',
      retryAfterSeconds: null,
    } as const;
    for (let n = 0; n < 60; n += 1) gateway.refundSays(busy);
    await refunding.asks(charge, { amount: 1_000 });
    await world.liveUntil('2026-02-10T02:00:00Z');
    expect(await refunding.all()).toMatchObject([{ state: 'approved' }]);
    expect(gateway.refundsAsked.length).toBeLessThan(50);
    expect(told('refund waits for a person')).toHaveLength(1);
  },
  async '`refunds.sent`'() {
    const { charge } = await refunding.paid();
    await refunding.asks(charge, { amount: 1_000 });
    const dies = (passed: string) => {
      if (passed === 'after-refund-claim') throw new Error('dies');
    };
    await workRefunds({ ...ctx, failpoint: dies });
    expect(await refunding.all()).toMatchObject([{ state: 'sent' }]);
    await world.liveUntil('2026-01-31T02:02:00Z');
    expect(await refunding.all()).toMatchObject([{ state: 'unknown' }]);
  },
  async '`refunds.unknown`'() {
    const { charge } = await refunding.paid();
    gateway.refundSays({ kind: 'silent', detail: 'no answer' }, false);
    const refund = await refunding.asks(charge, { amount: 1_000 });
    await world.liveUntil('2026-03-10T02:00:00Z');
    expect(told('refund is lost from sight')).toHaveLength(1);
    expect(await openFindings(ctx.db, ctx.buckets, ['unknown_refund'], 10)).toHaveLength(1);
    expect(await withdrawRefund(ctx, refund.id, { actor: 'ana', reason: null })).toMatchObject({ kind: 'decided' });
    expect(await openFindings(ctx.db, ctx.buckets, ['unknown_refund'], 10)).toEqual([]);
  },
  async '`refunds.pending`'() {
    const { subscription, charge } = await refunding.paid();
    await cancelSubscription(ctx, subscription, { at: 'now', reason: null, actor: 'product' });
    await refunding.asks(charge, { amount: 1_000 });
    await world.liveUntil('2026-03-20T02:00:00Z');
    expect(await refunding.all()).toMatchObject([{ state: 'pending' }]);
    expect(told('refund is pending for a month')).toHaveLength(1);
  },
};

/** Breakers have their own tests: test/flows/breakers.test.ts. */
const elsewhere = new Set(['`breakers.open`', '`breakers.half_open`']);

describe('everything that waits', () => {
  test('has a line in docs/reliability.md, or is said to wait for nothing', async () => {
    const constraints = await world.ask<{ name: string; states: string }>(sql`select conname as name,
        pg_get_constraintdef(oid) as states from pg_constraint where conname in ('charges_status', 'attempts_outcome',
        'subscriptions_status', 'onboardings_status', 'inbox_status', 'breakers_state', 'changes_state', 'repricings_state',
        'imports_state', 'import_rows_state', 'refunds_state')`);
    expect(constraints).toHaveLength(11);
    const known = constraints.flatMap(({ name, states }) =>
      [...states.matchAll(/'([a-z_]+)'/g)].map(([, state]) => `${name.replace(/_[a-z]+$/, '')}.${state}`),
    );
    const said = new Set([...statesIn(table), ...statesIn(quiet)]);
    expect([...known, 'attempts.in flight'].filter((state) => !said.has(state))).toEqual([]);
  });

  test('is lived below, line by line', () => {
    expect(lines.filter((line) => !elsewhere.has(line)).toSorted()).toEqual(Object.keys(lives).toSorted());
  });

  test.each(Object.entries(lives))('comes to its end, and is told of: %s', { timeout: 120_000 }, async (_, live) => {
    await live();
  });
});
