import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attemptNamed,
  attemptReference,
  bucketOf,
  isAskedFor,
  onboardingReference,
  paySessionReference,
  type Reference,
  readReference,
} from '../../src/domain/charges/attempt.ts';

const id = '019c1b2a-3f4d-7abc-8def-0123456789ab';
const ids = fc.uuid();
const numbers = fc.integer({ min: 0, max: 999_999 });
const suffix = fc.string({
  unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')),
  minLength: 10,
  maxLength: 10,
});

describe('the reference of an attempt', () => {
  it('is made of subscription, cycle and number, and of nothing else', () => {
    expect(attemptReference(id, 12, 3)).toBe(`due_${id}_12_3`);
    expect(attemptReference(id, 12, 3)).toBe(attemptReference(id, 12, 3));
  });

  it('reads back as what it was made of', () => {
    fc.assert(
      fc.property(ids, numbers, numbers, (subscriptionId, cycle, number) => {
        const read = readReference(attemptReference(subscriptionId, cycle, number));
        expect(read).toEqual({ kind: 'attempt', subscriptionId, cycle, number });
      }),
    );
  });

  it('also with what Xendit appends: an underscore and ten characters', () => {
    fc.assert(
      fc.property(ids, numbers, numbers, suffix, (subscriptionId, cycle, number, appended) => {
        const read = readReference(`${attemptReference(subscriptionId, cycle, number)}_${appended}`);
        expect(read).toEqual({ kind: 'attempt', subscriptionId, cycle, number });
      }),
    );
  });

  it('two attempts never share one', () => {
    const triples = fc.tuple(fc.constant(id), fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 120 }));
    fc.assert(
      fc.property(triples, triples, (one, other) => {
        expect(attemptReference(...one) === attemptReference(...other)).toBe(one.join() === other.join());
      }),
    );
  });

  it('fits Xendit’s 255 characters', () => {
    expect(attemptReference(id, 999_999, 999_999).length).toBeLessThanOrEqual(255 - 11);
  });
});

describe('the reference of an onboarding', () => {
  it('reads back as what it was made of, with and without Xendit’s suffix', () => {
    fc.assert(
      fc.property(ids, numbers, suffix, (subscriptionId, number, appended) => {
        const reference = onboardingReference(subscriptionId, number);
        expect(readReference(reference)).toEqual({ kind: 'onboarding', subscriptionId, number });
        expect(readReference(`${reference}_${appended}`)).toEqual({ kind: 'onboarding', subscriptionId, number });
      }),
    );
  });

  it('fits the 64 characters of a session, and the eleven that Xendit appends', () => {
    expect(onboardingReference(id, 999_999).length).toBeLessThanOrEqual(64 - 11);
  });
});

/** The name that we give, or that a later version will give. */
function nameOf(read: Reference): string {
  const { subscriptionId, number } = read;
  switch (read.kind) {
    case 'attempt':
      return attemptReference(subscriptionId, read.cycle, number);
    case 'onboarding':
      return onboardingReference(subscriptionId, number);
    case 'pay_session':
      return `due_${subscriptionId}_${read.cycle}_p${number}`;
    case 'extra_attempt':
      return `due_${subscriptionId}_x${read.extra}_${number}`;
    case 'extra_pay_session':
      return `due_${subscriptionId}_x${read.extra}_p${number}`;
    case 'refund':
      return `due_${subscriptionId}_r${number}`;
  }
}

describe('references that a later version writes', () => {
  it.each<[string, Reference]>([
    [`due_${id}_x7_2`, { kind: 'extra_attempt', subscriptionId: id, extra: 7, number: 2 }],
    [`due_${id}_12_p3`, { kind: 'pay_session', subscriptionId: id, cycle: 12, number: 3 }],
    [`due_${id}_x7_p3`, { kind: 'extra_pay_session', subscriptionId: id, extra: 7, number: 3 }],
    [`due_${id}_r4`, { kind: 'refund', subscriptionId: id, number: 4 }],
  ])('%s is read, also with what Xendit appends', (text, reference) => {
    expect(readReference(text)).toEqual(reference);
    expect(readReference(`${text}_A1b2C3d4E5`)).toEqual(reference);
    expect(nameOf(reference)).toBe(text);
  });

  it('fit the 64 characters of a session, and the eleven that Xendit appends', () => {
    expect(`due_${id}_x9999_p9999`.length).toBeLessThanOrEqual(64 - 11);
  });
});

describe('the attempt that a payment names', () => {
  it.each<[string, string | null, object]>([
    [`due_${id}_12_3`, `due_${id}_12_3`, { cycle: 12, extra: null, isOfSession: false }],
    [`due_${id}_x7_2`, `due_${id}_x7_2`, { cycle: null, extra: 7, isOfSession: false }],
    [`due_${id}_12_p3_A1b2C3d4E5`, `due_${id}_12_p3`, { cycle: 12, extra: null, isOfSession: true }],
    [`due_${id}_x7_p3_A1b2C3d4E5`, `due_${id}_x7_p3`, { cycle: null, extra: 7, isOfSession: true }],
    [`due_${id}_12_p3`, `due_${id}_12_p3`, { cycle: 12, extra: null, isOfSession: true }],
    // Nothing is appended to what a token is charged under: this is nobody's.
    [`due_${id}_12_3_A1b2C3d4E5`, `due_${id}_12_3_A1b2C3d4E5`, { isOfSession: false }],
  ])('%s is %s', (text, referenceId, more) => {
    expect(attemptNamed(text)).toMatchObject({ referenceId, subscriptionId: id, bucket: 0xab, ...more });
  });

  it.each([null, 'order-1', `due_${id}_s1`, `due_${id}_r4`])('%s names none', (text) => {
    expect(attemptNamed(text)).toBeNull();
  });

  it('is that of its own session, and of no other', () => {
    expect(paySessionReference(id, 12, 3)).toBe(`due_${id}_12_p3`);
    expect(isAskedFor(`due_${id}_12_p3_A1b2C3d4E5`, `due_${id}_12_p3`)).toBe(true);
    expect(isAskedFor(`due_${id}_12_p33_A1b2C3d4E`, `due_${id}_12_p3`)).toBe(false);
    expect(isAskedFor(`due_${id}_12_p4_A1b2C3d4E5`, `due_${id}_12_p3`)).toBe(false);
    expect(isAskedFor(`due_${id}_12_3_A1b2C3d4E5`, `due_${id}_12_3`)).toBe(false);
    expect(isAskedFor('order-1', 'order-1')).toBe(true);
  });
});

describe('references of other people are nobody’s', () => {
  it.each([
    ['none', null],
    ['an empty one', ''],
    ['another product’s', 'order-2026-0001'],
    ['a bare id', id],
    ['ours in other capitals', `due_${id.toUpperCase()}_1_1`],
    ['another prefix', `xdue_${id}_1_1`],
    ['another letter case of the prefix', `DUE_${id}_1_1`],
    ['no cycle', `due_${id}`],
    ['no attempt number', `due_${id}_1`],
    ['a negative number', `due_${id}_1_-1`],
    ['a fraction', `due_${id}_1_1.5`],
    ['a number beyond all cycles', `due_${id}_1000000_1`],
    ['zeros before a number, which we never write', `due_${id}_01_1`],
    ['zeros before an attempt', `due_${id}_1_01`],
    ['zeros before a session', `due_${id}_s01`],
    ['zeros before an extra charge', `due_${id}_x01_1`],
    ['an extra charge without an attempt', `due_${id}_x1`],
    ['a payment session of nothing', `due_${id}_p1`],
    ['a refund of a cycle', `due_${id}_1_r1`],
    ['a suffix of nine characters', `due_${id}_1_1_ABCDEFGHI`],
    ['a suffix of eleven', `due_${id}_1_1_ABCDEFGHIJK`],
    ['a suffix with a sign', `due_${id}_1_1_ABCDEF-HIJ`],
    ['two suffixes', `due_${id}_1_1_ABCDEFGHIJ_ABCDEFGHIJ`],
    ['a line after it', `due_${id}_1_1\n`],
    ['a line before it', `\ndue_${id}_1_1`],
    ['a space around it', ` due_${id}_1_1 `],
    ['an id that is too short', `due_${id.slice(1)}_1_1`],
    ['an id without dashes', `due_${id.replaceAll('-', '')}_1_1`],
    ['digits of another script', `due_${id}_١_1`],
  ])('%s', (_name, text) => {
    expect(readReference(text)).toBeNull();
  });

  it('what is read at all begins with the name that we would have given', () => {
    const near = fc.tuple(
      fc.constantFrom('due_', 'due', ''),
      fc.constantFrom(id, id.slice(2)),
      fc.stringMatching(/^[_prsx0-9A-J]{0,24}$/),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          const read = readReference(text);
          if (read === null) return;
          const name = nameOf(read);
          expect(text.startsWith(name)).toBe(true);
          expect([0, 11]).toContain(text.length - name.length);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the bucket', () => {
  it.each([
    ['019c1b2a-3f4d-7abc-8def-012345678900', 0],
    ['019c1b2a-3f4d-7abc-8def-01234567897f', 127],
    ['019c1b2a-3f4d-7abc-8def-0123456789ff', 255],
  ])('of %s is its last byte, %i', (of, bucket) => {
    expect(bucketOf(of)).toBe(bucket);
  });

  it('is one of 256, whatever the id', () => {
    fc.assert(
      fc.property(ids, (of) => {
        expect(bucketOf(of).toString(16).padStart(2, '0')).toBe(of.slice(-2));
      }),
    );
  });
});
