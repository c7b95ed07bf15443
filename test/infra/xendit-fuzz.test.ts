import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { customerByReference } from '../../src/infra/gateway/xendit/customers.ts';
import { lookUp } from '../../src/infra/gateway/xendit/look-ups.ts';
import { describePayment, outcomeOfResult, readAsked } from '../../src/infra/gateway/xendit/payment-requests.ts';
import { readToken } from '../../src/infra/gateway/xendit/payment-tokens.ts';
import { openSession, readSession } from '../../src/infra/gateway/xendit/sessions.ts';
import { PaymentRequest } from '../../src/xendit/resources/payment-requests.ts';
import { see } from '../../src/xendit/result.ts';
import type { Reply, Transport } from '../../src/xendit/transport.ts';
import { xenditThrough } from '../../src/xendit/xendit.ts';
import { caseRandom, caseText, fuzzRuns, mutated, pick } from '../support/mutation.ts';
import { answer, cardCharge, PAID, pay, sample, sampleText, scripted } from './xendit-script.ts';

/*
 * Xendit's documented answers, mutated: whatever comes back, nothing is thrown, and nothing becomes money that is not
 * ours. FUZZ=1000000 FUZZ_SEED=2 runs longer and elsewhere.
 */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Said = Readonly<Record<string, unknown>>;

const ours = { reference_id: cardCharge.referenceId, currency: 'IDR', request_amount: 500_000 };
const REQUEST = String(PAID.payment_request_id);
const PAYMENT = 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c';
const transaction = {
  ...sample('transaction-get.response.payment'),
  reference_id: cardCharge.referenceId,
  amount: 500_000,
  product_id: PAYMENT,
};

/** Answers to a charge, as Xendit documents them. */
const CHARGED = [
  JSON.stringify(PAID),
  JSON.stringify({ ...sample('payment-request-token.response.pending.INFERRED'), ...ours }),
  sampleText('payment-request-token.response.recurring-cards.succeeded'),
  sampleText('payment-request-token.response.failed.INFERRED'),
  sampleText('payment-request-token.response.ewallet.requires_action'),
  JSON.stringify({ error_code: 'DUPLICATE_ERROR', message: 'Duplication is not allowed.', errors: [{ path: 'x' }] }),
];

/** Answers to look-ups, by the beginning of their path. */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  '/v3/payment_requests/': [
    JSON.stringify(PAID),
    JSON.stringify({ ...PAID, status: 'FAILED', failure_code: 'CARD_DECLINED', latest_payment_id: PAYMENT }),
    JSON.stringify({ ...PAID, status: 'EXPIRED', latest_payment_id: PAYMENT }),
  ],
  '/v3/payments/': [
    JSON.stringify({ ...sample('payment-get.response.cards'), ...ours, payment_id: PAYMENT, status: 'SUCCEEDED' }),
    JSON.stringify({ ...sample('payment-get.response.cards'), ...ours, payment_id: PAYMENT, status: 'FAILED' }),
  ],
  '/transactions': [
    JSON.stringify({ has_more: false, data: [transaction] }),
    JSON.stringify({ has_more: false, data: [{ ...transaction, status: 'FAILED' }, transaction] }),
    JSON.stringify({ has_more: true, data: [{ ...transaction, status: 'FAILED' }] }),
    JSON.stringify({ has_more: false, data: [{ ...transaction, product_data: null }] }),
    JSON.stringify({ has_more: false, data: [] }),
    JSON.stringify({ has_more: false, data: [], links: [] }),
  ],
  '/sessions': [sampleText('session-get.response'), sampleText('session-create.response.save')],
  '/v3/payment_tokens/': [
    sampleText('payment-token-get.response.cards'),
    sampleText('payment-token-get.response.ewallet'),
  ],
  '/customers': [sampleText('customers-by-reference.response')],
};

const STATUSES = [200, 200, 200, 201, 201, 204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 502, 504];
const HEADERS = [{}, { 'rate-limit-reset': '1e99' }, { 'rate-limit-reset': '-1' }, { 'retry-after': 'tomorrow' }];

function bodies(text: string): readonly Said[] {
  try {
    const said = JSON.parse(text) as Said | null;
    const rows = Array.isArray(said?.data) ? (said.data as (Said | null)[]) : [];
    return [said, ...rows].filter((one) => one !== null && typeof one === 'object');
  } catch {
    return [];
  }
}

/** Whether a 2xx, read by other means than ours, speaks of exactly our charge, and says that it is paid. */
function saysPaid(status: number, text: string): boolean {
  if (status < 200 || status > 299) return false;
  return bodies(text).some(
    (said) =>
      ['SUCCEEDED', 'SUCCESS'].includes(String(said.status).trim()) &&
      said.reference_id === ours.reference_id &&
      String(said.currency).trim() === ours.currency &&
      Number(said.request_amount ?? said.amount) === ours.request_amount,
  );
}

/** Whether a 2xx, read by other means than ours, is a whole list with nothing in it. */
function saysNone({ status, text }: Made): boolean {
  const [said] = bodies(text);
  return (
    status >= 200 && status <= 299 && said?.has_more === false && Array.isArray(said.data) && said.data.length === 0
  );
}

/** Whether it names another payment token than the one that was charged. */
function namesAnotherToken(text: string): boolean {
  const [said] = bodies(text);
  const token = typeof said?.payment_token_id === 'string' ? said.payment_token_id.trim() : cardCharge.tokenId;
  return token !== cardCharge.tokenId && /^[\w.:-]{1,255}$/.test(token);
}

type Made = { readonly status: number; readonly bytes: Buffer; readonly text: string; readonly headers: object };

function made(random: () => number, from: readonly string[]): Made {
  const bytes = mutated(random, pick(random, from));
  return { status: pick(random, STATUSES), bytes, text: bytes.toString('utf8'), headers: pick(random, HEADERS) };
}

function replyOf({ status, text, headers }: Made): Reply {
  return { kind: 'answered', status, headers: headers as Record<string, string>, text };
}

/** An id or a code that Postgres, a log and a page can hold. */
function isStorable(value: unknown): boolean {
  return typeof value !== 'string' || (value.length <= 2_048 && !/\p{Cc}/u.test(value) && value.isWellFormed());
}

const asked = readAsked(describePayment(cardCharge), cardCharge.referenceId);
if (asked === null) throw new Error('the charge must read its own body');

describe('a mutated answer never crashes us, never becomes money that is not ours, and is forgotten again', () => {
  it(`in ${fuzzRuns} answers to a charge`, { timeout: 30_000 + fuzzRuns }, () => {
    let paid = 0;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < fuzzRuns; index += 1) {
      const one = made(caseRandom(index), CHARGED);
      const outcome = outcomeOfResult(asked, see(replyOf(one), PaymentRequest));
      if (outcome.kind === 'succeeded') {
        paid += 1;
        if (!saysPaid(one.status, one.text) || namesAnotherToken(one.text)) expect.fail(caseText(index, one.bytes));
      }
      const fine = (one.status < 500 || outcome.kind === 'unknown') && Object.values(outcome).every(isStorable);
      if (!fine) expect.fail(`${outcome.kind}: ${caseText(index, one.bytes)}`);
    }
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
    // Or it would hold for a reader that refuses everything.
    expect(paid).toBeGreaterThan(fuzzRuns / 200);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it(`in ${fuzzRuns} answers to look-ups, sessions, tokens and customers`, { timeout: 60_000 + fuzzRuns }, async () => {
    const kinds: Record<string, number> = {};
    for (let index = 0; index < fuzzRuns; index += 1) {
      const random = caseRandom(index);
      const heard: Made[] = [];
      const client: Transport = {
        send: async ({ path }) => {
          const start = Object.keys(SEEN).find((known) => path.startsWith(known)) ?? '';
          const one = made(random, SEEN[start] ?? []);
          heard.push(one);
          return replyOf(one);
        },
        close: async () => undefined,
      };
      const told = await ask(client, index);
      kinds[told.kind] = (kinds[told.kind] ?? 0) + 1;
      const text = heard.map((one) => caseText(index, one.bytes)).join('\n');
      if (told.kind === 'found' && told.outcome.kind === 'succeeded') {
        kinds.paid = (kinds.paid ?? 0) + 1;
        if (!heard.some((one) => saysPaid(one.status, one.text))) expect.fail(text);
      }
      if (told.kind === 'absent' && !heard.some(saysNone)) expect.fail(text);
      const values =
        'value' in told ? Object.values(told.value ?? {}) : 'outcome' in told ? Object.values(told.outcome) : [];
      if (!values.every(isStorable)) expect.fail(text);
    }
    for (const kind of ['found', 'absent', 'unanswered', 'ok', 'refused', 'silent', 'paid'])
      expect(kinds[kind], kind).toBeGreaterThan(fuzzRuns / 500);
  });

  it('in 300 answers over the wire, each heard once', async () => {
    const said = Array.from({ length: 300 }, (_, index) => made(caseRandom(index), CHARGED));
    let next = 0;
    await using xendit = await scripted((heard, response) => {
      const { status, bytes } = said[next] ?? { status: 500, bytes: Buffer.alloc(0) };
      answer(status, bytes)(heard, response);
    });
    for (const [index, { status, text, bytes }] of said.entries()) {
      const outcome = await pay(xendit);
      const fine = outcome.kind !== 'succeeded' || (saysPaid(status, text) && !namesAnotherToken(text));
      if (!fine || (status >= 500 && outcome.kind !== 'unknown')) expect.fail(caseText(index, bytes));
      next += 1;
    }
    // A declined card's payment is read besides.
    expect(xendit.heard.filter(({ method }) => method === 'POST')).toHaveLength(300);
  });
});

/** Every reader of the adapter in turn. */
async function ask(transport: Transport, index: number) {
  const client = xenditThrough(transport);
  const trace = { referenceId: cardCharge.referenceId, amount: cardCharge.amount };
  switch (index % 6) {
    case 0:
    case 1:
      return await lookUp(client, { ...trace, paymentRequestId: REQUEST });
    case 2:
      return await lookUp(client, { ...trace, paymentRequestId: null });
    case 3:
      return await readToken(client, cardCharge.tokenId);
    case 4:
      return await customerByReference(client, 'customer-1');
    default:
      return index % 12 === 5 ? await readSession(client, 'ps-1') : await openSession(client, session);
  }
}

const session = {
  referenceId: 'due_1',
  mode: 'PAYMENT_LINK',
  origins: null,
  country: 'ID',
  currency: 'IDR',
  customer: { id: 'cust-1' },
  mandate: cardCharge.mandate,
  returnUrls: { success: 'https://a.example', cancel: 'https://b.example' },
  allowedChannels: null,
  cards: { statementDescriptor: null, midLabel: null },
  metadata: { subscription_id: '1' },
  locale: null,
  description: 'Pro',
} as const;

describe('what the generator found', () => {
  const half = '\ud83d';

  it('words that hold or are cut to half a character, which a row would refuse, are mended', () => {
    for (const message of [
      `no ${half}`,
      `${'x'.repeat(280)}${'😀'.repeat(20)}`,
      `${'x'.repeat(281)}${'😀'.repeat(20)}`,
    ]) {
      const text = JSON.stringify({ error_code: 'DUPLICATE_ERROR', message });
      const reply = { kind: 'answered', status: 409, headers: {}, text } as const;
      const outcome = outcomeOfResult(asked, see(reply, PaymentRequest));
      expect(outcome.kind === 'unknown' && outcome.detail.isWellFormed()).toBe(true);
    }
  });

  it.each(['\u0000', 'VISA\u0000', half, 'x\ny'])('a card network %j is none', async (network) => {
    const details = sample('payment-token-get.response.cards');
    const text = JSON.stringify({ ...details, channel_properties: { card_details: { network } } });
    const client: Transport = {
      send: async () => ({ kind: 'answered', status: 200, headers: {}, text }),
      close: async () => undefined,
    };
    expect(await readToken(xenditThrough(client), cardCharge.tokenId)).toMatchObject({
      kind: 'ok',
      value: { network: null },
    });
  });

  it.each(['https://xen.to/a\n', 'https://xen.to/\u0000', `https://xen.to/${half}`, 'https://xen.to/a b'])(
    'a payment link %j is none',
    async (payment_link_url) => {
      const text = JSON.stringify({ ...sample('session-get.response'), payment_link_url });
      const client: Transport = {
        send: async () => ({ kind: 'answered', status: 200, headers: {}, text }),
        close: async () => undefined,
      };
      expect(await readSession(xenditThrough(client), 'ps-1')).toMatchObject({
        kind: 'ok',
        value: { paymentLinkUrl: null },
      });
    },
  );
});
