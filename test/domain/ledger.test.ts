import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, type Entry, entryRow, logColumns } from '../../src/domain/books/ledger.ts';

const entry: Entry = {
  entryId: '019c1b2a-0000-7000-8000-0000000000aa',
  at: Temporal.Instant.from('2026-02-01T02:00:00.120Z'),
  kind: 'charge.paid',
  subscriptionReference: 'sub "42", Jakarta',
  subscriptionId: '019c1b2a-0000-7000-8000-0000000000bb',
  plan: 'pro-monthly',
  customerReference: 'cust-7',
  chargeId: '019c1b2a-0000-7000-8000-0000000000cc',
  cycle: 0,
  periodStart: Temporal.PlainDate.from('2026-01-31'),
  periodEnd: Temporal.PlainDate.from('2026-02-27'),
  attempt: 1,
  referenceId: 'due_019c1b2a-0000-7000-8000-0000000000bb_0_1',
  channel: 'CARDS',
  amount: 150_000n,
  currency: 'IDR',
  money: 150_000n,
  outcome: 'succeeded',
  failureCode: null,
  class: null,
  decision: 'paid',
  why: 'Xendit collected the money.',
  paymentRequestId: 'pr-1',
  paymentId: 'py-1',
  catalogVersion: 7,
  actor: 'dueday',
};

const bare: Entry = {
  ...entry,
  kind: 'subscription.paused',
  customerReference: null,
  chargeId: null,
  cycle: null,
  periodStart: null,
  periodEnd: null,
  attempt: null,
  referenceId: null,
  channel: null,
  amount: null,
  currency: null,
  money: 0n,
  outcome: null,
  decision: null,
  why: null,
  paymentRequestId: null,
  paymentId: null,
  catalogVersion: null,
};

describe('the columns of the charge log', () => {
  it('are those that finance was promised, in their order (docs/design.md section 10)', () => {
    const promised = `entry_id, at, kind, subscription_reference,
      subscription_id, plan, customer_reference, charge_id, cycle, period_start, period_end, attempt, reference_id, channel,
      amount, currency, money, outcome, failure_code, class, decision, why, payment_request_id, payment_id,
      catalog_version, actor, hash, credit, detail, account`;
    expect(logColumns).toEqual(promised.split(',').map((column) => column.trim()));
  });

  it('are all in the row of an entry, but for the hash, which is made from it, and the account, which is not hashed', () => {
    expect([...Object.keys(entryRow(entry)), 'hash', 'account'].sort()).toEqual([...logColumns].sort());
  });
});

describe('the row of an entry', () => {
  it('has plain values: amounts in minor units as text, dates as ISO text', () => {
    expect(entryRow(entry)).toMatchObject({
      cycle: 0,
      period_start: '2026-01-31',
      period_end: '2026-02-27',
      attempt: 1,
      amount: '150000',
      money: '150000',
      catalog_version: 7,
      failure_code: null,
    });
  });

  it.each([
    ['2026-02-01T02:00:00Z', '2026-02-01T02:00:00.000Z'],
    ['2026-02-01T02:00:00.12Z', '2026-02-01T02:00:00.120Z'],
    ['2026-02-01T02:00:00.120999999Z', '2026-02-01T02:00:00.120Z'],
    ['2026-02-01T09:00:00.5+07:00', '2026-02-01T02:00:00.500Z'],
  ])('%s is written with milliseconds, as the database gives it back', (at, written) => {
    expect(entryRow({ ...entry, at: Temporal.Instant.from(at) }).at).toBe(written);
  });

  it('each entry has its own instant and days, also between entries of the same', () => {
    const other = Temporal.Instant.from('2026-03-01T02:00:00Z');
    const day = Temporal.PlainDate.from('2026-03-01');
    const rows = [entry, bare, entry, { ...entry, at: other, periodStart: day, periodEnd: day }, bare].map(entryRow);
    const february = ['2026-02-01T02:00:00.120Z', '2026-01-31', '2026-02-27'];
    expect(rows.map(({ at, period_start, period_end }) => [at, period_start, period_end])).toEqual([
      february,
      [february[0], null, null],
      february,
      ['2026-03-01T02:00:00.000Z', '2026-03-01', '2026-03-01'],
      [february[0], null, null],
    ]);
  });

  it('money that went out is negative', () => {
    expect(entryRow({ ...entry, kind: 'refund.settled', money: -150_000n }).money).toBe('-150000');
  });

  it('amounts that no number carries stay exact', () => {
    expect(entryRow({ ...entry, amount: 9_007_199_254_740_993n }).amount).toBe('9007199254740993');
  });

  it('what there is not is null, and never missing', () => {
    const row = entryRow(bare);
    expect(Object.keys(row)).toHaveLength(28);
    expect(row).toMatchObject({ charge_id: null, period_start: null, amount: null, money: '0', why: null });
  });
});

describe('the text that is hashed never changes for an entry that was written', () => {
  it('of a payment', () => {
    expect(canonicalText(3, entryRow(entry))).toBe(
      '[3,"019c1b2a-0000-7000-8000-0000000000aa","2026-02-01T02:00:00.120Z","charge.paid","sub \\"42\\", Jakarta","019c1b2a-0000-7000-8000-0000000000bb","pro-monthly","cust-7","019c1b2a-0000-7000-8000-0000000000cc",0,"2026-01-31","2026-02-27",1,"due_019c1b2a-0000-7000-8000-0000000000bb_0_1","CARDS","150000","IDR","150000","succeeded",null,null,"paid","Xendit collected the money.","pr-1","py-1",7,"dueday"]',
    );
  });

  it('of a pause', () => {
    expect(canonicalText(4, entryRow(bare))).toBe(
      '[4,"019c1b2a-0000-7000-8000-0000000000aa","2026-02-01T02:00:00.120Z","subscription.paused","sub \\"42\\", Jakarta","019c1b2a-0000-7000-8000-0000000000bb","pro-monthly",null,null,null,null,null,null,null,null,null,null,"0",null,null,null,null,null,null,null,null,"dueday"]',
    );
  });

  it('of an entry with a credit and a detail: they follow, and a missing one between them is said', () => {
    const detail = '{"text":"a refund"}';
    const actor = (text: string) => text.slice(text.lastIndexOf(',"dueday"'));
    expect(actor(canonicalText(3, entryRow({ ...entry, credit: -500n })))).toBe(',"dueday","-500"]');
    expect(actor(canonicalText(3, entryRow({ ...entry, detail })))).toBe(`,"dueday",null,${JSON.stringify(detail)}]`);
    expect(actor(canonicalText(3, entryRow({ ...entry, credit: 0n, detail })))).toBe(
      `,"dueday","0",${JSON.stringify(detail)}]`,
    );
  });

  it('it does not depend on the order in which a row’s columns come back', () => {
    const row = entryRow(entry);
    const turned = Object.fromEntries(Object.entries(row).reverse()) as typeof row;
    expect(canonicalText(3, turned)).toBe(canonicalText(3, row));
  });

  it('a hash that comes back with the row is not part of it', () => {
    expect(canonicalText(3, { ...entryRow(entry), hash: 'ab12' } as ReturnType<typeof entryRow>)).toBe(
      canonicalText(3, entryRow(entry)),
    );
  });

  it('every column and the number tell two entries apart', () => {
    const row = entryRow(entry);
    const text = canonicalText(3, row);
    expect(canonicalText(4, row)).not.toBe(text);
    for (const column of Object.keys(row)) expect(canonicalText(3, { ...row, [column]: 'changed' })).not.toBe(text);
  });

  it('no text can pose as its neighbour', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (plan, customer, otherPlan, otherCustomer) => {
        const one = canonicalText(1, { ...entryRow(entry), plan, customer_reference: customer });
        const other = canonicalText(1, { ...entryRow(entry), plan: otherPlan, customer_reference: otherCustomer });
        expect(one === other).toBe(plan === otherPlan && customer === otherCustomer);
      }),
    );
  });
});
