import type { PlayedPayment } from '../../../context.ts';
import {
  anotherMethod,
  answered,
  canceled,
  changed,
  forgiven,
  givenGrace,
  held,
  paidByHand,
  paused,
  released,
  resumed,
  told,
  voided,
  withItem,
  writtenOff,
} from './deeds.ts';
import { card, declinedWith, type Person, paid, somebody, type Try, wallet } from './person.ts';
import { beginOf, daysBefore, localDay, type Span, ZONE } from './span.ts';

/** Nothing ran for sixty hours, in the night to the eleventh day before the last. */
export const OUTAGE = { daysBefore: 12, at: '20:00', hours: 60 } as const;
/** A wallet was down for a morning. */
export const BREAKDOWN = { channel: 'OVO', daysBefore: 15, until: '12:40', people: 8 } as const;
/** The last edition of the catalog, which is the file's, came in force. */
export const LAST_EDITION = { daysBefore: 40, at: '15:10' } as const;

type Draft = Partial<Person> & Pick<Person, 'joins'>;

/** Somebody joins on the day that makes a cycle fall due so many days before the last; `of` says what becomes of that cycle. */
function due(span: Span, days: number, of: (tried: Try) => PlayedPayment | null, more: Partial<Person> = {}): Draft {
  const cycle = span.months - 1;
  const joins = localDay(span.until)
    .subtract({ days })
    .subtract({ months: cycle })
    .toZonedDateTime({ timeZone: ZONE, plainTime: '08:40' })
    .toInstant();
  return { joins, fate: (tried) => (tried.cycle === cycle ? of(tried) : paid), ...more };
}

const first =
  (code: string, then: PlayedPayment = paid) =>
  ({ attempt }: Try) =>
    attempt === 1 ? declinedWith(code) : then;
const always = (code: string) => () => declinedWith(code);
const after =
  (attempts: number, code: string) =>
  ({ attempt }: Try) =>
    attempt <= attempts ? declinedWith(code) : paid;

/** What is recovered, a class of declines each. */
function recovered(span: Span): readonly Draft[] {
  const at = (days: number, time: string) => daysBefore(span, days, time);
  return [
    due(span, 21, after(2, 'INSUFFICIENT_BALANCE')),
    due(span, 22, first('ISSUER_UNAVAILABLE')),
    due(span, 23, first('DECLINED_BY_ISSUER')),
    due(span, 24, first('USER_DECLINED_PAYMENT'), {
      saves: () => wallet('DANA'),
      deeds: [{ at: at(22, '19:30'), act: paidByHand }],
    }),
    due(span, 25, first('EXPIRED_CARD'), { deeds: [{ at: at(23, '10:20'), act: anotherMethod }] }),
    due(span, 26, first('STOLEN_CARD'), { deeds: [{ at: at(24, '11:00'), act: anotherMethod }] }),
    due(span, 27, first('INVALID_MERCHANT_SETTINGS'), {
      deeds: [{ at: at(26, '14:15'), act: released('The bank has mended the settings of our account') }],
    }),
    due(span, 28, first('PAYMENT_REQUEST_RATE_LIMITED'), { saves: () => wallet('SHOPEEPAY') }),
  ];
}

/** What is lost, or was decided about by somebody. */
function decided(span: Span): readonly Draft[] {
  const at = (days: number, time: string) => daysBefore(span, days, time);
  return [
    due(span, 29, always('INSUFFICIENT_BALANCE')),
    due(span, 8, always('INSUFFICIENT_BALANCE'), { plan: 'gym-weekly', saves: () => wallet('GOPAY_RECURRING') }),
    due(span, 9, always('INSUFFICIENT_BALANCE'), {
      deeds: [{ at: at(7, '10:30'), act: voided('Booked twice by our shop, see ticket 4711') }],
    }),
    due(span, 6, always('DECLINED_BY_ISSUER'), {
      deeds: [{ at: at(4, '16:00'), act: writtenOff('Insolvent, as the court wrote') }],
    }),
    due(span, 7, always('INSUFFICIENT_BALANCE'), {
      deeds: [{ at: at(5, '09:45'), act: forgiven('Goodwill after the outage, ลูกค้าเก่าแก่') }],
    }),
    due(span, 4, first('INVALID_MERCHANT_SETTINGS'), {
      deeds: [{ at: at(3, '11:20'), act: released('The bank confirmed that it collected nothing') }],
    }),
    due(span, 5, always('INSUFFICIENT_BALANCE'), {
      deeds: [{ at: at(3, '13:00'), act: givenGrace(14, 'Khách hàng chờ lương, hứa trả') }],
    }),
  ];
}

/** What waits, for its retry or for a person. */
function open(span: Span): readonly Draft[] {
  const today = span.until.toZonedDateTimeISO(ZONE).hour > 9 ? 0 : 1;
  const pendingFor = (afterMinutes: number): PlayedPayment => ({
    ends: { as: 'paid' },
    answers: 'pending',
    afterMinutes,
  });
  const at = (days: number, time: string) => daysBefore(span, days, time);
  return [
    due(span, 2, always('INSUFFICIENT_BALANCE')),
    due(span, 2, always('INSUFFICIENT_BALANCE'), { plan: 'manila-monthly', saves: () => wallet('GRABPAY') }),
    due(span, 1, always('INVALID_MERCHANT_SETTINGS')),
    due(span, 1, always('CHANNEL_NOT_ACTIVATED'), { plan: 'manila-monthly', saves: () => wallet('PAYMAYA') }),
    due(span, 3, always('INSUFFICIENT_BALANCE'), {
      deeds: [{ at: at(2, '17:05'), act: held('The customer disputes it, wait for legal') }],
    }),
    due(span, today, () => pendingFor(20 * 60), { saves: () => wallet('OVO') }),
    due(span, today, () => ({ ends: { as: 'paid' }, answers: 'silence', afterMinutes: 20 * 60 })),
    due(span, 3, () => pendingFor(90 * 24 * 60), { saves: () => wallet('DANA') }),
    due(span, 4, first('USER_DECLINED_PAYMENT', declinedWith('USER_DECLINED_PAYMENT')), {
      saves: () => wallet('DANA'),
    }),
    due(span, 0, always('INSUFFICIENT_BALANCE')),
  ];
}

/** What Xendit's own books say otherwise. */
function differing(span: Span): readonly Draft[] {
  const late = (code: string, hours: number): PlayedPayment => ({
    ends: { as: 'paid' },
    answers: { declined: code },
    afterMinutes: hours * 60,
  });
  const less = { minor: 100_000n, currency: 'IDR' } as const;
  return [
    due(span, 13, ({ attempt }) => (attempt === 1 ? late('DECLINED_BY_ISSUER', 30) : paid)),
    due(span, 20, ({ attempt }) => (attempt === 1 ? late('INSUFFICIENT_BALANCE', 10) : paid)),
    due(span, 9, () => ({ ...paid, booked: less })),
  ];
}

/** Cycles that fell due while nothing ran. */
function missed(span: Span): readonly Draft[] {
  const day = OUTAGE.daysBefore - 1;
  return [
    due(span, day, () => paid),
    due(span, day, () => paid, { plan: 'gym-weekly', saves: () => wallet('OVO') }),
    {
      joins: daysBefore(span, OUTAGE.daysBefore + 3, '10:00'),
      plan: 'team-yearly',
      anchor: localDay(span.until).subtract({ days: day }),
    },
  ];
}

/** What subscriptions live through without a charge going wrong. */
function living(span: Span): readonly Draft[] {
  const begin = beginOf(span);
  const at = (days: number, time: string) => daysBefore(span, days, time);
  const soon = localDay(span.until).add({ months: 1 });
  const expiring = { ...card('soon'), expiryMonth: String(soon.month), expiryYear: String(soon.year) };
  const old = { joins: begin };
  return [
    { joins: endOfMonth(span) },
    { joins: endOfMonth(span), plan: 'manila-monthly', saves: () => wallet('GRABPAY') },
    { ...old, deeds: [{ at: at(18, '10:00'), act: paused(40, 'ลูกค้าเดินทางไปต่างประเทศ') }] },
    { ...old, deeds: [{ at: at(17, '10:00'), act: paused(null, 'Tạm nghỉ, chưa biết bao lâu') }] },
    {
      ...old,
      deeds: [
        { at: at(30, '10:00'), act: paused(null, 'holidays') },
        { at: at(16, '10:00'), act: resumed },
      ],
    },
    { ...old, deeds: [{ at: at(19, '12:00'), act: canceled('now', 'moved away') }] },
    { ...old, deeds: [{ at: at(6, '12:00'), act: canceled('period_end', 'no longer needed') }] },
    { joins: span.until.subtract({ minutes: 9 }), saves: () => null },
    { joins: at(5, '15:00'), saves: () => null },
    { joins: at(6, '10:00'), plan: 'starter' },
    { ...old, deeds: [{ at: at(14, '11:00'), act: anotherMethod }] },
    { ...old, saves: () => expiring },
    { ...old, deeds: [{ at: at(8, '14:00'), act: changed({ plan: 'studio', when: 'period_end' }) }] },
    { ...old, deeds: [{ at: at(8, '15:00'), act: changed({ quantity: 3 }) }] },
    { ...old, deeds: [{ at: at(33, '15:00'), act: withItem('Phí giao hàng: กล่องของขวัญ', 25_000, 2) }] },
  ];
}

/** A price rises: told and agreed, told and refused, told and silent, and not told yet. */
function dearer(span: Span): readonly Draft[] {
  const at = (days: number, time: string) => daysBefore(span, days, time);
  const studio = { joins: beginOf(span), plan: 'studio' };
  const [tell, answer] = [at(38, '10:00'), at(35, '20:15')];
  const mail = { at: tell, act: told };
  return [
    { ...studio, deeds: [mail, { at: answer, act: answered('given') }] },
    { ...studio, deeds: [mail, { at: answer, act: answered('refused') }] },
    { ...studio, deeds: [mail] },
    studio,
  ];
}

/** They pay on the morning on which their wallet is down. */
function stopped(span: Span): readonly Draft[] {
  const { channel, daysBefore: days, people } = BREAKDOWN;
  return Array.from({ length: people }, () => due(span, days, () => null, { saves: () => wallet(channel) }));
}

/** The first day of the last kind that months have, on which somebody joins: their cycles fall on the last days of months. */
function endOfMonth(span: Span): Temporal.Instant {
  const begin = localDay(beginOf(span));
  const months = Array.from({ length: span.months }, (_, index) => begin.with({ day: 1 }).add({ months: index }));
  const long = months.find((month) => month.daysInMonth === 31) ?? begin;
  return long.with({ day: long.daysInMonth }).toZonedDateTime({ timeZone: ZONE, plainTime: '10:10' }).toInstant();
}

/** Everybody to whom something happens: each state, and each oddity, is somebody's. */
export function castOf(span: Span): readonly Person[] {
  const groups = [open, decided, differing, recovered, missed, living, dearer, stopped];
  const begin = beginOf(span);
  return groups
    .flatMap((group) => group(span))
    .map((draft, index) => {
      const joins = Temporal.Instant.compare(draft.joins, begin) < 0 ? begin : draft.joins;
      return somebody(index + 1, { ...draft, joins });
    });
}
