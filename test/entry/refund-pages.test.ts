import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { queueCount } from '../../src/flows/queue/queue.ts';
import { writeFindings } from '../../src/infra/tables/books/findings.ts';
import { askedOn, hiddenIn } from '../support/acting.ts';
import { apiOver } from '../support/api.ts';
import { readCsv } from '../support/csv.ts';
import { refundingIn } from '../support/refunding.ts';
import { type Reader, seen, signedIn } from '../support/signed-in.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

/* Money that goes back, by the pages: asked for in two forms, approved by somebody else, and shown wherever it belongs. */

const start = '2026-03-02T02:00:00Z';
const catalog = plainCatalog.replace('defaults:', 'defaults:\n  refunds: { four_eyes: { IDR: 100000 } }');
const world = await testWorld({ at: start, catalog });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
const { paid, asks, all, ends, whole } = refundingIn(world);

const REASON = 'the customer was charged after leaving';
let ana: Reader;
let budi: Reader;
let pia: Reader;
let charge: string;
let subscription: string;
const page = () => `/charges/${charge}/refund`;

beforeEach(async () => {
  await world.startOver(start);
  [ana, budi, pia] = [
    await signedIn(app, ctx, 'ana', 'finance'),
    await signedIn(app, ctx, 'budi', 'finance'),
    await signedIn(app, ctx, 'pia', 'product'),
  ];
  ({ subscription, charge } = await paid());
});

const buttons = (text: string) =>
  [...text.matchAll(/<a class="btn" href="([^"]*)">([^<]*)…/g)].map(([, , word]) => word);

describe('giving money back', () => {
  test('asks how much first, shows what would happen, asks why, and does it', async () => {
    const first = await ana.get(page());
    expect(first.status).toBe(200);
    expect(first.text).toContain('<h1>Give money of sub-1, cycle 0 back?</h1>');
    expect(seen(first.text)).toContain('at most IDR 150,000. Empty: all that is left.');
    expect(first.text).not.toContain('<textarea');
    const shown = await askedOn(ana, page(), { amount: '49000', told: 'DUPLICATE' });
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('<h1>Refund IDR 49,000?</h1>');
    expect(shown.text).toContain('>Refund IDR 49,000</button>');
    expect(seen(shown.text)).toContain('Left thenIDR 101,000');
    expect(seen(shown.text)).toContain('No second person is needed');
    expect(seen(shown.text)).toContain('Xendit is toldIt was paid twice');
    expect(await all()).toEqual([]);
    const done = await ana.post(page(), { ...hiddenIn(shown.text), reason: REASON });
    expect(done).toMatchObject({ status: 303, location: `/charges/${charge}` });
    const told = seen(await ana.page(`/charges/${charge}`));
    expect(told).toContain(
      'Refund written down: sub-1, cycle 0, IDR 150,000. IDR 49,000 goes back: Xendit is asked within a minute.',
    );
    expect(await all()).toMatchObject([{ state: 'approved', amount: 49_000 }]);
    const [row] = await world.ask<{ reason: string; note: string; asked_by: string }>(
      sql`select reason, note, asked_by from refunds`,
    );
    expect(row).toEqual({ reason: 'DUPLICATE', note: REASON, asked_by: 'user:ana' });
    await whole();
  });

  test('shows on the charge, the subscription and the list what became of it, in the same words', async () => {
    const refund = await asks(charge, { amount: 49_000 });
    const fate = async (path: string) => seen(await ana.page(path));
    for (const path of [`/charges/${charge}`, `/subscriptions/${subscription}`, '/refunds', `/refunds/${refund.id}`])
      expect([path, await fate(path)]).toEqual([
        path,
        expect.stringMatching(/To be sent.*It is sent within a minute\./s),
      ]);
    await world.work();
    for (const path of [`/charges/${charge}`, '/refunds', `/refunds/${refund.id}`])
      expect([path, await fate(path)]).toEqual([
        path,
        expect.stringMatching(/On its way.*Xendit has it, and its customer may not have the money yet\./s),
      ]);
    await ends('failed', 'ACCOUNT_NOT_FOUND');
    for (const path of [`/charges/${charge}`, `/subscriptions/${subscription}`, '/refunds', `/refunds/${refund.id}`])
      expect([path, await fate(path)]).toEqual([
        path,
        expect.stringMatching(/Not given back.*The customer did not get the money, since their account was not found/s),
      ]);
  });

  test('is offered where money is left, to whom the role allows, and to nobody else', async () => {
    expect(buttons(await ana.page(`/charges/${charge}`))).toContain('Give money back');
    expect(buttons(await pia.page(`/charges/${charge}`))).not.toContain('Give money back');
    expect((await pia.get(page())).status).toBe(403);
    expect((await pia.send('/account', page(), { amount: '1', told: 'OTHERS', reason: REASON })).status).toBe(403);
    await asks(charge);
    // The whole payment is spoken for.
    expect(buttons(await ana.page(`/charges/${charge}`))).not.toContain('Give money back');
    const closed = await ana.get(page());
    expect([closed.status, seen(closed.text)]).toEqual([
      409,
      expect.stringContaining('A refund of its payment is under way'),
    ]);
    expect(closed.text).not.toContain('<form method="post"');
    expect((await ana.get('/charges/019a0000-0000-7000-8000-000000000001/refund')).status).toBe(404);
  });

  test.each([
    ['49,000', 'must be a number like 49000 or 49.50, without separators of thousands'],
    ['-5', 'must be a number like 49000 or 49.50, without separators of thousands'],
    ['1e5', 'must be a number like 49000 or 49.50, without separators of thousands'],
    ['0', 'How much must be more than 0'],
    ['0.5', 'How much'],
    ['150001', 'How much must be at most IDR 150,000'],
  ])('of no such amount is told at its field: %s', async (amount, told) => {
    const shown = await askedOn(ana, page(), { amount, told: 'OTHERS' });
    expect(shown.status).toBe(422);
    expect(seen(shown.text)).toContain(told);
    expect(shown.text).toMatch(/<input id="amount"[^>]* aria-invalid="true"/);
    expect(shown.text).toContain(`value="${amount}"`);
    expect(await all()).toEqual([]);
  });

  test('without a reason is refused at the field, and still shows what would happen', async () => {
    const shown = await askedOn(ana, page(), { amount: '49000', told: 'OTHERS' });
    const again = await ana.post(page(), { ...hiddenIn(shown.text), reason: 'short' });
    expect(again.status).toBe(422);
    expect(again.text).toContain('<a href="#reason">Write why, in 10 letters or more</a>');
    expect(again.text).toContain('>Refund IDR 49,000</button>');
    expect((await ana.post(page(), { ...hiddenIn(again.text), reason: REASON })).status).toBe(303);
    expect(await all()).toHaveLength(1);
  });
});

describe('four eyes', () => {
  test('above the sum of the catalog somebody else approves it; whoever asked for it has no button, and is refused', async () => {
    const shown = await askedOn(ana, page(), { told: 'OTHERS' });
    expect(shown.text).toContain('>Refund IDR 150,000</button>');
    expect(seen(shown.text)).toContain('Above the sum of the catalog: a second person approves it');
    await ana.post(page(), { ...hiddenIn(shown.text), reason: REASON });
    const [{ id } = { id: '' }] = await world.ask<{ id: string }>(sql`select id from refunds`);
    const path = `/refunds/${id}`;
    expect(buttons(await ana.page(path))).toEqual(['Withdraw']);
    expect(buttons(await pia.page(path))).toEqual([]);
    const own = await ana.get(`${path}/approve`);
    expect([own.status, seen(own.text)]).toEqual([
      409,
      expect.stringContaining('user:ana asked for this refund: somebody else has to approve it.'),
    ]);
    const forged = { ...hiddenIn((await ana.get(`${path}/withdraw`)).text), reason: REASON };
    expect((await ana.post(`${path}/approve`, forged)).status).toBe(409);
    expect(await all()).toMatchObject([{ state: 'wanted' }]);
    expect(buttons(await budi.page(path))).toEqual(['Approve', 'Withdraw']);
    expect(await budi.send(`${path}/approve`, `${path}/approve`, { reason: REASON })).toMatchObject({ status: 303 });
    expect(await all()).toMatchObject([{ state: 'approved' }]);
    expect(seen(await budi.page(path))).toContain(`Reason: “${REASON}”.`);
    expect(seen(await budi.page(path))).toContain('Approved byuser:budi');
  });

  test('two who approve at once: one does, and the other is told', async () => {
    const { id } = await asks(charge, { actor: 'api:finance:eka' });
    const path = `/refunds/${id}/approve`;
    const forms = await Promise.all([ana, budi].map(async (one) => hiddenIn((await one.get(path)).text)));
    const answers = await Promise.all(
      [ana, budi].map((one, index) => one.post(path, { ...forms[index], reason: REASON })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 409]);
    const approvals = await world.ask(
      sql`select 1 from ledger where kind = 'refund.requested' and outcome = 'approved'`,
    );
    expect(approvals).toHaveLength(1);
  });

  test('one that Xendit did not take waits for somebody, says why, and is approved again', async () => {
    gateway.refundSays({
      kind: 'refused',
      status: 400,
      code: 'INSUFFICIENT_BALANCE',
      message: '',
      retryAfterSeconds: null,
    });
    const { id } = await asks(charge, { amount: 50_000 });
    await world.work();
    const text = seen(await ana.page(`/refunds/${id}`));
    expect(text).toMatch(
      /Waits for a person.*Your balance at Xendit does not hold it.*It is not sent until somebody approves it again\./s,
    );
    expect(buttons(await ana.page(`/refunds/${id}`))).toEqual(['Approve', 'Withdraw']);
    const done = await ana.send(`/refunds/${id}/approve`, `/refunds/${id}/approve`, { reason: REASON });
    expect(done.status).toBe(303);
    expect(seen(await ana.page(`/refunds/${id}`))).toContain('It is sent within a minute.');
  });
});

describe('what would break the promise', () => {
  test('a form that is sent twice, from two tabs, or again by the back button gives back once', async () => {
    const shown = await askedOn(ana, page(), { amount: '49000', told: 'OTHERS' });
    const other = await askedOn(ana, page(), { amount: '49000', told: 'OTHERS' });
    const fields = { ...hiddenIn(shown.text), reason: REASON };
    const answers = await Promise.all(Array.from({ length: 10 }, () => ana.post(page(), fields)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 303));
    expect(await all()).toHaveLength(1);
    expect((await ana.post(page(), fields)).status).toBe(303);
    // The other tab showed the charge before it moved.
    const late = await ana.post(page(), { ...hiddenIn(other.text), reason: REASON });
    expect([late.status, seen(late.text)]).toEqual([
      409,
      expect.stringContaining('A refund was asked for, by user:ana'),
    ]);
    expect(await all()).toHaveLength(1);
  });

  test('what moved between the two forms is told, and not worked out anew in silence', async () => {
    const first = hiddenIn((await ana.get(page())).text);
    await asks(charge, { amount: 1_000 });
    const shown = await ana.post(page(), { ...first, amount: '49000', told: 'OTHERS' });
    expect([shown.status, shown.text.includes('>Refund IDR 49,000</button>')]).toEqual([409, false]);
  });

  test('a confirmation without its first form, of a charge that was never seen, or with the token of another form does nothing new', async () => {
    const own = hiddenIn((await ana.get('/account')).text);
    const bare = await ana.post(page(), { ...own, confirmed: 'yes', amount: '49000', told: 'OTHERS', reason: REASON });
    expect(bare.status).toBe(409);
    const { charge: others } = await paid('sub-2');
    const shown = hiddenIn((await askedOn(ana, page(), { amount: '49000', told: 'OTHERS' })).text);
    const path = `/charges/${others}/refund`;
    // The form of one charge is sent to the address of another: it has not seen that one.
    expect((await ana.post(path, { ...shown, reason: REASON })).status).toBe(409);
    expect(await all()).toEqual([]);
    // A place in the ledger that is no number.
    const odd = await ana.post(page(), { ...shown, [`seen-${charge}`]: "1' or 1", reason: REASON });
    expect(odd.status).toBe(409);
    // The token of somebody else is their own: it tells nobody what came of it, and does nothing twice.
    const done = await ana.post(page(), { ...shown, reason: REASON });
    expect(done.status).toBe(303);
    const { once = '' } = shown;
    const stolen = hiddenIn((await askedOn(budi, path, { amount: '1000', told: 'OTHERS' })).text);
    expect((await budi.post(path, { ...stolen, once, reason: REASON })).status).toBe(303);
    expect(await all()).toHaveLength(2);
  });

  test('a role that was taken away, and a session that ended, between the forms', async () => {
    const shown = hiddenIn((await askedOn(ana, page(), { amount: '49000', told: 'OTHERS' })).text);
    await world.above(`update sessions set seen_at = seen_at - interval '3 hours'`);
    const over = await ana.post(page(), { ...shown, reason: REASON });
    expect(over).toMatchObject({ status: 303, location: expect.stringContaining('/sign-in?') });
    expect(await all()).toEqual([]);
    await world.above(`update sessions set seen_at = now()`);
    const back = await ana.get(page());
    expect(back.text).toContain('value="49000"');
    expect(hiddenIn(back.text)).toMatchObject({ reason: REASON });
    const again = await ana.post(page(), { ...hiddenIn(back.text), amount: '49000', told: 'OTHERS' });
    expect(again.text).toContain(`${REASON}</textarea>`);
    await addUser(ctx, { name: 'ana', role: 'product', replace: true, actor: 'cli:test' });
    const lost = await ana.post(page(), { ...hiddenIn(again.text), reason: REASON });
    expect(lost.status).not.toBe(200);
    expect(await all()).toEqual([]);
  });
});

describe('in the queue', () => {
  const cases = async (who: Reader, kind = 'refund') =>
    (await who.page(`/queue?kind=${kind}`)).split('<li class="case">').slice(1);

  test('a refund that waits for a second person stands with its story, its money, what comes of doing nothing, and its acts by who looks', async () => {
    const { id } = await asks(charge, { actor: 'user:ana' });
    const [mine = ''] = await cases(ana);
    expect(seen(mine)).toContain('Refund to approve: sub-1, cycle 0');
    expect(seen(mine)).toContain('user:ana asked for IDR 150,000 to go back on');
    expect(seen(mine)).toContain('If nobody acts: nothing goes back, and nothing else of this payment can');
    expect(seen(mine)).toContain('IDR 150,000');
    expect(buttons(mine)).toEqual(['Withdraw']);
    const [his = ''] = await cases(budi);
    expect(buttons(his)).toEqual(['Approve', 'Withdraw']);
    expect(his).toContain(`href="/refunds/${id}/approve?from=%2Fqueue%3Fkind%3Drefund"`);
    expect(buttons((await cases(pia))[0] ?? '')).toEqual([]);
    expect(await queueCount(ctx, world.now())).toBe(1);
    await budi.send(`/refunds/${id}/approve`, `/refunds/${id}/approve`, { reason: REASON });
    expect(await cases(budi)).toEqual([]);
    expect(await queueCount(ctx, world.now())).toBe(0);
  });

  test('one that Xendit did not take waits there, and one that is only put off does not', async () => {
    gateway.refundSays({
      kind: 'refused',
      status: 400,
      code: 'INSUFFICIENT_BALANCE',
      message: '',
      retryAfterSeconds: null,
    });
    await asks(charge, { amount: 50_000 });
    await world.work();
    const [stuck = ''] = await cases(ana);
    expect(seen(stuck)).toMatch(
      /Refund that Xendit did not take: sub-1, cycle 0.*Your balance at Xendit does not hold it/s,
    );
    expect(buttons(stuck)).toEqual(['Approve', 'Withdraw']);
    gateway.refundSays({
      kind: 'refused',
      status: 429,
      code: 'RATE_LIMIT_EXCEEDED',
      message: '',
      retryAfterSeconds: null,
    });
    const { charge: other } = await paid('sub-2');
    await asks(other, { amount: 50_000 });
    await world.work();
    expect(await cases(ana)).toHaveLength(1);
  });

  test('one of which nobody knows for a day waits there once, to be withdrawn by who looked at Xendit', async () => {
    gateway.refundSays({ kind: 'silent', detail: 'cut' });
    const { id } = await asks(charge, { amount: 50_000 });
    await world.work();
    expect(await cases(ana)).toEqual([]);
    await world.liveUntil(world.now().add({ hours: 31 }).toString());
    const lost = await cases(ana);
    expect(lost).toHaveLength(1);
    expect(seen(lost[0] ?? '')).toContain('Refund of which nobody knows: sub-1, cycle 0');
    await world.above(`update sessions set seen_at = now()`);
    expect(buttons(lost[0] ?? '')).toEqual(['Withdraw']);
    const path = `/refunds/${id}/withdraw`;
    const unticked = await ana.send(path, path, { reason: REASON });
    expect([unticked.status, seen(unticked.text)]).toEqual([422, expect.stringContaining('Look at Xendit first')]);
    expect((await ana.send(path, path, { reason: REASON, looked: 'yes' })).status).toBe(303);
    expect(await cases(ana)).toEqual([]);
    expect(await all()).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('money that came in too much leads to giving it back', async () => {
    await world.above(`update charges set overpaid = 25000 where id = '${charge}'`);
    await writeFindings(ctx.db, [
      {
        bucket: bucketOf(subscription),
        kind: 'overpayment',
        reference: `due_${subscription}_0_2`,
        subscriptionId: subscription,
        chargeId: charge,
        amount: 25_000n,
        currency: 'IDR',
        paymentId: null,
        paymentRequestId: null,
        why: 'The charge was already paid when this attempt collected too: give it back.',
        foundAt: world.now(),
        closedAt: null,
        closedWhy: null,
      },
    ]);
    const [matter = ''] = await cases(ana, 'overpaid');
    expect(buttons(matter)).toEqual(['Give money back']);
    expect(buttons((await cases(pia, 'overpaid'))[0] ?? '')).toEqual([]);
  });
});

describe('the list of refunds', () => {
  test('says nothing was given back where nothing was, and refuses what is no filter', async () => {
    expect(seen(await ana.page('/refunds'))).toContain('No money was ever given back.');
    expect((await ana.get('/refunds?state=gone')).status).toBe(400);
    expect((await ana.get('/refunds?what=ever')).status).toBe(400);
    expect((await ana.get('/refunds/nothing')).status).toBe(404);
    expect((await ana.get('/refunds?after=x')).location).toBe('/refunds');
  });

  test('has tabs that sum to All, pages without a row twice, and a file of the same rows and words', async () => {
    const { charge: other } = await paid('sub-2');
    await asks(charge, { amount: 49_000 });
    await asks(other);
    const text = await ana.page('/refunds');
    expect(seen(text)).toMatch(/2 refunds, the newest first\. 1 waits for approval; 1 on the way, 0 given back\./);
    expect(seen(text)).toMatch(/All 2.*Waits for approval 1.*To be sent 1/s);
    expect(seen(await ana.page('/refunds?state=wanted'))).toContain('1 refund, waits for approval');
    expect(seen(await ana.page(`/refunds?charge=${charge}`))).toContain('1 refund, the newest first');
    expect(seen(await ana.page('/refunds?from=2026-03-03'))).toContain('No refund is all of this.');
    const file = await ana.get('/refunds?format=csv');
    const [head = [], ...rows] = readCsv(file.text);
    const cell = (row: readonly string[] | undefined, name: string) => row?.[head.indexOf(name)];
    expect(rows.map((row) => [cell(row, 'subscription_reference'), cell(row, 'amount'), cell(row, 'state')])).toEqual([
      ['sub-2', '150000', 'Waits for approval'],
      ['sub-1', '49000', 'To be sent'],
    ]);
    for (const row of rows) expect(seen(text)).toContain(cell(row, 'why'));
    await world.above(`insert into refunds
      select (jsonb_populate_record(r, jsonb_build_object('id', overlay(id::text placing lpad(to_hex(n), 4, '0') from 10 for 4),
        'number', 100 + n, 'reference_id', reference_id || '_' || n, 'payment_request_id', payment_request_id || n,
        'asked_at', asked_at - interval '1 minute' * n))).*
      from refunds r, generate_series(1, 60) n where state = 'approved'`);
    const first = await ana.page('/refunds');
    const next = /href="(\/refunds\?after=[^"]*)"/.exec(first)?.[1] ?? '';
    const second = await ana.page(seen(next));
    const ids = (shown: string) => [...shown.matchAll(/href="\/refunds\/([0-9a-f-]{36})"/g)].map(([, id]) => id);
    expect([ids(first).length, ids(second).length, new Set([...ids(first), ...ids(second)]).size]).toEqual([
      50, 12, 62,
    ]);
    expect(seen(second)).toContain('51 to 62 of 62');
  });
});
