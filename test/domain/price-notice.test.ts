import { describe, expect, test } from 'vitest';
import type { Answered, NoticeRules } from '../../src/domain/subscriptions/price-notice.ts';
import { priceStanding } from '../../src/domain/subscriptions/price-notice.ts';

const at = (text: string) => Temporal.Instant.from(text);
const sent = at('2026-03-20T10:00:00Z');
const answered = (answer: Answered['answer'], when: string): Answered => ({ answer, answeredAt: at(when) });

describe('a notice of a higher price', () => {
  test.each<[string, Temporal.Instant, Answered | null, NoticeRules['silence'], string, string]>([
    ['holds from the end of its days on', sent, null, 'agrees', 'holds', '2026-04-03T09:59:59.999Z'],
    [
      'and never before it stood in the books',
      at('2026-04-05T00:00:00Z'),
      null,
      'agrees',
      'holds',
      '2026-04-05T00:00:00Z',
    ],
    ['waits where consent is asked for', sent, null, 'old_price', 'waits', '2026-04-03T09:59:59.999Z'],
    [
      'also after a refusal',
      sent,
      answered('refused', '2026-03-21T00:00:00Z'),
      'cancel',
      'waits',
      '2026-04-03T09:59:59.999Z',
    ],
    [
      'and after silence',
      sent,
      answered('silence', '2026-05-01T00:00:00Z'),
      'old_price',
      'waits',
      '2026-04-03T09:59:59.999Z',
    ],
    [
      'holds from the end of its days once consent is given',
      sent,
      answered('given', '2026-03-21T00:00:00Z'),
      'cancel',
      'holds',
      '2026-04-03T09:59:59.999Z',
    ],
    [
      'and from the consent on where that comes later',
      sent,
      answered('given', '2026-05-01T00:00:00Z'),
      'old_price',
      'holds',
      '2026-05-01T00:00:00Z',
    ],
  ])('%s', (_, recordedAt, answer, silence, kind, after) => {
    const standing = priceStanding({ sentAt: sent, recordedAt }, answer, { noticeDays: 14, silence }, 'Asia/Jakarta');
    expect({ ...standing, after: standing.after.toString() }).toEqual({ kind, after });
  });

  test('has its days as its customer counts them, over a change of the clock too', () => {
    const standing = priceStanding(
      { sentAt: sent, recordedAt: sent },
      null,
      { noticeDays: 14, silence: 'agrees' },
      'Europe/Berlin',
    );
    expect(standing.after.toString()).toBe('2026-04-03T08:59:59.999Z');
  });
});
