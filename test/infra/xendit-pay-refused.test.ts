import { describe, expect, it } from 'vitest';
import { answer, PAID, pay, sample, scripted } from './xendit-script.ts';

type ErrorRow = { http: number; error_code: string; message: string; endpoints: readonly string[] };
const ERRORS = sample('errors') as unknown as readonly ErrorRow[];

describe('an answer that is not about this charge is unknown', () => {
  it.each(['payment_request_id', 'reference_id', 'status', 'currency', 'request_amount'])(
    '%s missing',
    async (field) => {
      await using xendit = await scripted(answer(201, { ...PAID, [field]: undefined }));
      expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: expect.stringContaining(field) });
    },
  );

  it.each(['reference_id', 'currency', 'request_amount', 'payment_token_id'])('another %s', async (field) => {
    const other = { reference_id: 'x', currency: 'PHP', request_amount: 1, payment_token_id: 'pt-other' };
    await using xendit = await scripted(answer(201, { ...PAID, [field]: other[field as keyof typeof other] }));
    expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: `answer: another ${field}` });
  });

  it('and an id that came with another reference is not remembered', async () => {
    await using xendit = await scripted(answer(201, { ...PAID, reference_id: 'x' }));
    expect(await pay(xendit)).toMatchObject({ paymentRequestId: null });
  });

  it('while extra, missing and null fields that we do not need change nothing', async () => {
    const { payment_token_id: _, ...rest } = PAID;
    await using xendit = await scripted(answer(200, { ...rest, actions: null, failure_code: null, surprise: [{}] }));
    expect(await pay(xendit)).toMatchObject({ kind: 'succeeded' });
  });
});

describe('every documented error has one meaning', () => {
  const meaning: Readonly<Record<string, object>> = {
    CARD_EXPIRED: { kind: 'declined', code: 'CARD_EXPIRED' },
    INVALID_PAYMENT_DETAILS: { kind: 'declined', code: 'INVALID_PAYMENT_DETAILS' },
    INVALID_TOKEN: { kind: 'declined', code: 'INVALID_TOKEN' },
    ACCOUNT_ACCESS_BLOCKED: { kind: 'declined', code: 'ACCOUNT_ACCESS_BLOCKED' },
    PAYMENT_REQUEST_RATE_LIMITED: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
    TEMPORARILY_UNAVAILABLE: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
  };
  /** Of one channel: the others are charged. */
  const ofChannel: Readonly<Record<string, object>> = Object.fromEntries(
    ['SKIP_3DS_FORBIDDEN', 'INVALID_MERCHANT_SETTINGS', 'INVALID_MERCHANT_CREDENTIALS', 'CHANNEL_NOT_ACTIVATED'].map(
      (code) => [code, { kind: 'refused', scope: 'channel' }],
    ),
  );
  const byStatus: Readonly<Record<number, object>> = {
    400: { kind: 'refused', scope: 'charge' },
    401: { kind: 'refused', scope: 'account' },
    403: { kind: 'refused', scope: 'account' },
    404: { kind: 'refused', scope: 'charge' },
    409: { kind: 'unknown' },
    422: { kind: 'refused', scope: 'charge' },
    429: { kind: 'refused', scope: 'throttled', retryAfterSeconds: null },
    500: { kind: 'unknown' },
    503: { kind: 'unknown' },
  };

  it('of all 49 rows', () => expect(ERRORS).toHaveLength(49));

  it.each(ERRORS)('$http $error_code: $message', async (row) => {
    const { http, error_code, message } = row;
    await using xendit = await scripted(answer(http, { error_code, message }));
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject(meaning[error_code] ?? ofChannel[error_code] ?? byStatus[http] ?? {});
    if (outcome.kind === 'unknown') expect(outcome.detail).toContain(error_code);
    if (outcome.kind === 'refused') expect(outcome.code).toBe(error_code);
    expect(xendit.heard).toHaveLength(1);
  });

  it.each([
    [402, 'unknown', undefined],
    [404, 'refused', 'account'],
    [405, 'refused', 'charge'],
    [408, 'unknown', undefined],
    [413, 'refused', 'charge'],
    [414, 'refused', 'charge'],
    [415, 'refused', 'charge'],
    [425, 'unknown', undefined],
    [431, 'refused', 'charge'],
    [499, 'unknown', undefined],
    [502, 'unknown', undefined],
    [504, 'unknown', undefined],
    [522, 'unknown', undefined],
  ])('%i without a word of Xendit’s is %s %s', async (status, kind, scope) => {
    await using xendit = await scripted(answer(status, '<html>not Xendit</html>'));
    expect(await pay(xendit)).toMatchObject(scope === undefined ? { kind } : { kind, scope, code: `HTTP_${status}` });
  });

  it.each([409, 500, 503])('a code that would be a decline decides nothing under HTTP %i', async (status) => {
    for (const error_code of ['INVALID_TOKEN', 'CARD_EXPIRED', 'RATE_LIMIT_EXCEEDED', 'PAYMENT_REQUEST_RATE_LIMITED']) {
      await using xendit = await scripted(answer(status, { error_code, message: '' }));
      expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: `HTTP ${status} ${error_code}` });
    }
  });

  it('tells which field was refused', async () => {
    const row = ERRORS.find((one) => 'errors' in one);
    await using xendit = await scripted(answer(400, row));
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject({
      detail: expect.stringContaining('/body/session_type must have required property'),
    });
  });
});

describe('the pace that Xendit asks for', () => {
  it.each([
    [{ 'Rate-Limit-Reset': '58.37' }, 59],
    [{ 'Rate-Limit-Reset': '0.01' }, 1],
    [{ 'Rate-Limit-Reset': '0' }, 1],
    [{ 'Retry-After': '7' }, 7],
    [{ 'Rate-Limit-Reset': '3.2', 'Retry-After': '7' }, 4],
    [{ 'Rate-Limit-Reset': '-4' }, null],
    [{ 'Rate-Limit-Reset': 'soon', 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
    [{ 'Rate-Limit-Reset': '99999999' }, 3600],
    [{}, null],
  ] as [Record<string, string>, number | null][])('429 with %o waits %i s', async (headers, retryAfterSeconds) => {
    await using xendit = await scripted(answer(429, { error_code: 'RATE_LIMIT_EXCEEDED' }, headers));
    expect(await pay(xendit)).toMatchObject({ kind: 'refused', scope: 'throttled', retryAfterSeconds });
  });

  it('is not told by the endpoint’s headers where one channel has had enough', async () => {
    const headers = { 'Rate-Limit-Remaining': '583', 'Rate-Limit-Reset': '58.37' };
    await using xendit = await scripted(answer(400, { error_code: 'PAYMENT_REQUEST_RATE_LIMITED' }, headers));
    expect(await pay(xendit)).toMatchObject({ kind: 'refused', scope: 'throttled', retryAfterSeconds: null });
  });

  it('is an hour at most, however long a header says that nothing is left', async () => {
    const headers = { 'Rate-Limit-Remaining': '0', 'Rate-Limit-Reset': '99999999' };
    await using xendit = await scripted(answer(201, PAID, headers));
    await pay(xendit);
    expect(xendit.gateway.allowance()).toEqual({ remaining: 0, resetSeconds: 3_600 });
  });

  it('is the tightest that was told since it was asked for, of payment requests only', async () => {
    const left = ['583', '12', '400'];
    await using xendit = await scripted((heard, response) => {
      const remaining = heard.method === 'POST' ? (left.shift() ?? '') : '0';
      answer(201, PAID, { 'Rate-Limit-Remaining': remaining, 'Rate-Limit-Reset': '58.37' })(heard, response);
    });
    expect(xendit.gateway.allowance()).toBeNull();
    for (const _ of [1, 2, 3]) await pay(xendit);
    await xendit.gateway.session('ps-1');
    expect(xendit.gateway.allowance()).toEqual({ remaining: 12, resetSeconds: 58.37 });
    expect(xendit.gateway.allowance()).toBeNull();
  });
});
