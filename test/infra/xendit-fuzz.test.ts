import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/outcome.ts';
import { describePayment, outcomeOfReply, readAsked } from '../../src/infra/gateway/xendit/payment-requests.ts';
import { answer, cardCharge, PAID, pay, sampleText, scripted } from './xendit-script.ts';

const ANSWERS = [
  JSON.stringify(PAID),
  sampleText('payment-request-token.response.recurring-cards.succeeded'),
  sampleText('payment-request-token.response.failed.INFERRED'),
  sampleText('payment-request-token.response.ewallet.requires_action'),
];
const BITS = [
  '"',
  '{',
  '}',
  ',',
  ':',
  '0',
  '1',
  'e9',
  '.',
  '-',
  'null',
  '\u0000',
  '\\u0000',
  'SUCCEEDED',
  'FAILED',
  '"status":',
  'é',
  '[]',
];

type Cut = { readonly at: number; readonly remove: number; readonly put: string };
const cuts = fc.array(fc.record({ at: fc.nat(1_000), remove: fc.nat(12), put: fc.constantFrom('', ...BITS) }), {
  maxLength: 3,
});
const broken = fc
  .tuple(fc.constantFrom(...ANSWERS), cuts)
  .map(([text, all]) =>
    all.reduce((one: string, { at, remove, put }: Cut) => one.slice(0, at) + put + one.slice(at + remove), text),
  );
const fields = [
  'payment_request_id',
  'reference_id',
  'status',
  'currency',
  'request_amount',
  'payment_token_id',
  'actions',
  'extra',
];
const swapped = fc
  .tuple(fc.constantFrom(...fields), fc.jsonValue())
  .map(([field, value]) => JSON.stringify({ ...PAID, [field]: value }));
const mutated = fc.oneof(broken, broken, swapped);
const statuses = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(200, 201) }, fc.integer({ min: 200, max: 599 }));

/** Succeeded may be said only by a 2xx whose JSON, read by other means, is about exactly our charge. */
function mayBePaid(status: number, text: string): boolean {
  if (status < 200 || status > 299) return false;
  const said = JSON.parse(text) as Record<string, unknown>;
  return (
    said.status === 'SUCCEEDED' &&
    said.reference_id === cardCharge.referenceId &&
    said.currency === 'IDR' &&
    Number(said.request_amount) === 500_000 &&
    typeof said.payment_request_id === 'string' &&
    said.payment_request_id !== '' &&
    (typeof said.payment_token_id !== 'string' ||
      said.payment_token_id.trim() === cardCharge.tokenId ||
      !/^[\w.:-]+$/.test(said.payment_token_id.trim()))
  );
}

function holds(outcome: Outcome, status: number, text: string): void {
  expect(['succeeded', 'declined', 'refused', 'pending', 'unknown']).toContain(outcome.kind);
  if (outcome.kind === 'succeeded') expect(mayBePaid(status, text), text).toBe(true);
  if (status >= 500) expect(outcome.kind).toBe('unknown');
}

describe('a mutated answer never crashes us, and never becomes money that is not ours', () => {
  const asked = readAsked(describePayment(cardCharge), cardCharge.referenceId);
  if (asked === null) throw new Error('the charge must read its own body');

  it('in 20,000 readings', () => {
    let paid = 0;
    const property = fc.property(statuses, mutated, (status, text) => {
      const outcome = outcomeOfReply(asked, { kind: 'answered', status, headers: {}, text });
      if (outcome.kind === 'succeeded') paid += 1;
      holds(outcome, status, text);
    });
    fc.assert(property, { numRuns: 20_000 });
    // Or the property would hold for a reader that refuses everything.
    expect(paid).toBeGreaterThan(100);
  });

  it('in 2,000 answers over the wire, each heard once', async () => {
    const said: [number, string][] = fc.sample(fc.tuple(statuses, mutated), 2_000);
    let next = 0;
    await using xendit = await scripted((heard, response) => {
      const [status, text] = said[next] ?? [500, ''];
      answer(status, text)(heard, response);
    });
    for (const [status, text] of said) {
      holds(await pay(xendit), status, text);
      next += 1;
    }
    expect(xendit.heard).toHaveLength(2_000);
  });
});
