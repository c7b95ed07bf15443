import type { PlayedMethod, PlayedPayment } from '../../../context.ts';
import { LAST_EDITION } from './cast.ts';
import { anotherMethod, answered, canceled, changed, paused, told } from './deeds.ts';
import { card, type Deed, declinedWith, type Person, paid, somebody, type Try, wallet } from './person.ts';
import { beginOf, daysBefore, drawn, drawnOf, localDay, type Span } from './span.ts';

const PLANS = [
  [50, 'pro-monthly'],
  [18, 'starter'],
  [10, 'studio'],
  [6, 'gym-weekly'],
  [13, 'manila-monthly'],
  [3, 'team-yearly'],
] as const;
const IN_INDONESIA = [
  [50, 'CARDS'],
  [14, 'GOPAY_RECURRING'],
  [12, 'OVO'],
  [14, 'DANA'],
  [10, 'SHOPEEPAY'],
] as const;
const IN_THE_PHILIPPINES = [
  [55, 'CARDS'],
  [25, 'GRABPAY'],
  [20, 'PAYMAYA'],
] as const;
const WALLETS_ALONE = [
  [4, 'GOPAY_RECURRING'],
  [3, 'OVO'],
  [3, 'DANA'],
] as const;
/** How often the first try is paid, by channel. */
const FIRST_TRY: Readonly<Record<string, number>> = {
  CARDS: 0.95,
  GOPAY_RECURRING: 0.94,
  OVO: 0.9,
  DANA: 0.92,
  GRABPAY: 0.93,
};
const FIRST_TRY_ELSEWHERE = 0.91;
const WHY_NOT = [
  [60, 'INSUFFICIENT_BALANCE'],
  [16, 'DECLINED_BY_ISSUER'],
  [12, 'ISSUER_UNAVAILABLE'],
  [5, 'USER_DECLINED_PAYMENT'],
  [5, 'EXPIRED_CARD'],
  [2, 'STOLEN_CARD'],
] as const;
/** How often a later try is paid. */
const LATER_TRY = 0.55;

/** A slot of the day in which people subscribe: so that a day has two of them, and not one for each. */
const SLOTS = ['10:17', '19:42'] as const;

/** Everybody else: most of whom pay, all the time. */
export function crowdOf(span: Span, from: number): readonly Person[] {
  return Array.from({ length: Math.max(0, span.subscriptions - from) }, (_, index) => oneOf(span, from + index + 1));
}

function oneOf(span: Span, number: number): Person {
  const plan = drawnOf(`plan ${number}`, PLANS);
  const channel = drawnOf(`channel ${number}`, channelsOf(plan));
  const method = (link: number): PlayedMethod => (channel === 'CARDS' ? card(`${number} ${link}`) : wallet(channel));
  const joins = joinsAt(span, number);
  const comes = drawn(`comes ${number}`) > 0.03;
  return somebody(number, {
    plan,
    joins,
    quantity: drawn(`quantity ${number}`) > 0.95 ? 3 : 1,
    saves: (link) => (comes ? method(link) : null),
    deeds: comes ? deedsOf(span, number, plan, joins) : [],
  });
}

function channelsOf(plan: string) {
  if (plan === 'gym-weekly') return WALLETS_ALONE;
  return plan === 'manila-monthly' ? IN_THE_PHILIPPINES : IN_INDONESIA;
}

/** A third of them are there from the first days; the others come as time goes by, somewhat more of them later on. */
function joinsAt(span: Span, number: number): Temporal.Instant {
  const days = localDay(beginOf(span)).until(localDay(span.until)).days;
  const share = drawn(`early ${number}`) < 0.34 ? drawn(`day ${number}`) * 0.08 : drawn(`day ${number}`) ** 0.8;
  const slot = SLOTS[drawn(`slot ${number}`) < 0.6 ? 0 : 1];
  return daysBefore(span, Math.max(1, Math.round(days * (1 - share))), slot);
}

/** Some do something, on a day that is drawn. */
function deedsOf(span: Span, number: number, plan: string, joins: Temporal.Instant): readonly Deed[] {
  const left = localDay(joins).until(localDay(span.until)).days;
  const day = Math.floor(drawn(`deed day ${number}`) * left);
  const at = daysBefore(span, day, drawn(`deed hour ${number}`) < 0.5 ? SLOTS[0] : SLOTS[1]);
  const act = drawnOf<Deed['act'] | null>(`deed ${number}`, [
    [82, null],
    [6, canceled('period_end', 'no longer needed')],
    [2, canceled('now', 'changed their mind')],
    [3, paused(21, 'away for three weeks')],
    [3, anotherMethod],
    [2, changed({ quantity: 2 })],
    [2, plan === 'pro-monthly' ? changed({ plan: 'starter', when: 'period_end' }) : changed({ quantity: 4 })],
  ]);
  return [...(act === null ? [] : [{ at, act }]), ...(plan === 'studio' ? toldOf(span, number) : [])];
}

/** Four in five were told of the higher price, and half of these answered. */
function toldOf(span: Span, number: number): readonly Deed[] {
  if (drawn(`told ${number}`) > 0.8) return [];
  const days = LAST_EDITION.daysBefore - 2;
  const answer = drawnOf<'given' | 'refused' | null>(`answer ${number}`, [
    [5, 'given'],
    [1, 'refused'],
    [4, null],
  ]);
  const mail = { at: daysBefore(span, days, SLOTS[0]), act: told };
  return answer === null ? [mail] : [mail, { at: daysBefore(span, days - 3, SLOTS[1]), act: answered(answer) }];
}

/** What is drawn for a payment of somebody for whom nothing is said. */
export function fateOf(reference: string, { cycle, attempt, channel }: Try): PlayedPayment {
  const about = `${reference} ${cycle}`;
  if (attempt === 1) {
    if (drawn(`${about} first`) < (FIRST_TRY[channel] ?? FIRST_TRY_ELSEWHERE)) return paid;
    const code = drawnOf(`${about} code`, WHY_NOT);
    return declinedWith(channel !== 'CARDS' && code.endsWith('_CARD') ? 'INSUFFICIENT_BALANCE' : code);
  }
  return drawn(`${about} ${attempt}`) < LATER_TRY ? paid : declinedWith('INSUFFICIENT_BALANCE');
}
