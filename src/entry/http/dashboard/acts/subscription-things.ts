import { z } from 'zod';
import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { onResumes, pausedCycles } from '../../../../domain/subscriptions/pause.ts';
import { shownStates } from '../../../../domain/subscriptions/subscription-status.ts';
import { cancelSubscription, keepSubscription } from '../../../../flows/subscriptions/canceling/cancel-subscription.ts';
import { grantGrace } from '../../../../flows/subscriptions/grant-grace.ts';
import { pauseSubscription, resumeSubscription } from '../../../../flows/subscriptions/pause-subscription.ts';
import { meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import { type SubscriptionSubject, subscriptionSubjects } from '../../../../flows/views/acts/subscription-subjects.ts';
import { dateText } from '../../api/texts.ts';
import type { Asked } from './asked.ts';
import { CHANGE_DEEDS } from './change-deeds.ts';
import { ITEM_DEEDS } from './item-deeds.ts';
import { METHOD_DEEDS } from './method-deeds.ts';
import { PRICE_DEEDS } from './price-deeds.ts';
import { acted, boundsOf, isNot, PAID_STAYS, type Subscription } from './subscription-subject.ts';
import { type Deed, placeSeen, type Thing } from './thing.ts';

const day = dateText.optional();
const at: Asked = {
  id: 'at',
  label: 'When',
  value: 'period_end',
  choices: [
    ['period_end', 'When what is paid for ends'],
    ['now', 'At once'],
  ],
  schema: z.enum(['now', 'period_end']),
};
const ON_RESUME: Readonly<Record<(typeof onResumes)[number], string>> = {
  charge: 'charged at once',
  void: 'void',
  hold: 'held for a person',
};
const onResume: Asked = {
  id: 'on_resume',
  label: 'What was due is then',
  value: 'charge',
  choices: onResumes.map((one) => [one, ON_RESUME[one]]),
  schema: z.enum(onResumes),
};
const CYCLES: Readonly<Record<(typeof pausedCycles)[number], string>> = {
  skip: 'pass, and are not charged',
  shift: 'are moved by the days of the pause',
};

const deeds: readonly Deed<Subscription>[] = [
  {
    verb: 'pause',
    word: 'Pause',
    saying: (what) => `Pause ${what}`,
    past: 'Pause written down',
    refusal: (one) => {
      if (!one.subscription.may('pause')) return isNot(one, 'only one that runs can be paused');
      return one.subscription.isToBePaused ? 'A pause of it is planned already: resume it first.' : null;
    },
    lede: () =>
      'Nothing of it is attempted until it goes on: on the day that you name, or when somebody resumes it. A cancellation that was planned gives way to the pause.',
    after: () => shownStates.paused,
    bounds: boundsOf,
    untouched: PAID_STAYS,
    asks: () => [
      at,
      {
        id: 'until',
        label: 'Day on which it goes on',
        hint: 'A day like 2026-03-01; empty: when somebody resumes it.',
        schema: day,
      },
      {
        id: 'cycles',
        label: 'Cycles meanwhile',
        value: 'skip',
        choices: pausedCycles.map((one) => [one, CYCLES[one]]),
        schema: z.enum(pausedCycles),
      },
      onResume,
    ],
    act: async (ctx, { id }, { actor, reason, given: said }) =>
      acted(
        await pauseSubscription(ctx, id, {
          at: said.at === 'now' ? 'now' : 'period_end',
          until: said.until === undefined ? null : Temporal.PlainDate.from(said.until),
          onResume: onResumes.find((one) => one === said.on_resume) ?? 'charge',
          cycles: pausedCycles.find((one) => one === said.cycles) ?? 'skip',
          reason,
          actor,
        }),
      ),
    done: () => 'Its page says from when on.',
  },
  {
    verb: 'resume',
    word: 'Resume',
    saying: (what) => `Resume ${what}`,
    past: 'Resumed',
    refusal: (one) =>
      one.subscription.may('resume') || one.subscription.isToBePaused
        ? null
        : isNot(one, 'only one that is paused, or is to be, can be resumed'),
    lede: ([one]) =>
      one?.subscription.isToBePaused === true
        ? 'The pause that is planned is taken back: it goes on as if none had been asked for.'
        : 'It goes on. The period that runs is due if it was never paid; periods that passed entirely stay void.',
    after: ({ subscription: { state } }) => (state === 'paused' ? shownStates.active : shownStates[state]),
    bounds: boundsOf,
    untouched: PAID_STAYS,
    asks: ([one]) => (one?.subscription.isToBePaused === true ? [] : [onResume]),
    act: async (ctx, { id }, { actor, reason, given: said }) =>
      acted(
        await resumeSubscription(ctx, id, {
          onResume: onResumes.find((one) => one === said.on_resume),
          actor,
          reason,
        }),
      ),
    done: () => 'It goes on.',
  },
  {
    verb: 'cancel',
    word: 'Cancel',
    saying: (what) => `Cancel ${what}`,
    past: 'Cancellation written down',
    refusal: (one) => (one.subscription.may('cancel') ? null : isNot(one, 'it can be canceled no more')),
    lede: ([one]) => {
      const end = one?.subscription.nextCycleAt ?? null;
      const later =
        end === null || one === undefined
          ? 'When what is paid for ends, it is billed no further.'
          : `When what is paid for ends, on ${dayText(end.toZonedDateTimeISO(one.subscription.zone).toPlainDate())}, it is billed no further; until then this can be taken back.`;
      return `At once: no attempt starts any more, and what is due becomes void. ${later}`;
    },
    after: () => shownStates.canceled,
    bounds: boundsOf,
    untouched: PAID_STAYS,
    asks: () => [at],
    act: async (ctx, { id }, { actor, reason, given: said }) =>
      acted(await cancelSubscription(ctx, id, { at: said.at === 'now' ? 'now' : 'period_end', reason, actor })),
    done: () => 'Its page says from when on.',
  },
  {
    verb: 'keep',
    word: 'Take the cancellation back',
    saying: (what) => `Take the cancellation of ${what} back`,
    past: 'Cancellation taken back',
    refusal: ({ subscription: { isToBeCanceled } }) => (isToBeCanceled ? null : 'No cancellation of it is planned.'),
    lede: () => 'It goes on as if no cancellation had been asked for: its next cycle is charged when it falls due.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: PAID_STAYS,
    asks: () => [],
    act: async (ctx, { id }, { actor, reason }) => acted(await keepSubscription(ctx, id, actor, reason)),
    done: () => 'It goes on.',
  },
  {
    verb: 'grace',
    word: 'Let them in',
    saying: (what) => `Let the customer of ${what} in`,
    past: 'Let in',
    refusal: (one) => (one.subscription.may('keep') ? null : isNot(one, 'nobody is let in by it any more')),
    lede: () =>
      'Its customer is let in until the day that you name, whatever is owed. What is owed stays owed, and is tried as planned.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'No charge, no attempt and no money is changed by it.',
    asks: () => [
      {
        id: 'until',
        label: 'The last day',
        hint: 'A day like 2026-03-01, included, in the zone of the subscription.',
        schema: dateText,
      },
    ],
    act: async (ctx, { id }, { actor, reason, given: said }) =>
      acted(await grantGrace(ctx, id, { until: Temporal.PlainDate.from(said.until ?? ''), reason, actor })),
    done: () => 'Its page says until when.',
  },
];

/** What may be done with a subscription by hand. */
export const SUBSCRIPTIONS: Thing<Subscription> = {
  base: '/subscriptions/:id',
  one: 'subscription',
  many: 'subscriptions',
  load: async (ctx, ids) => (await subscriptionSubjects(ctx, ids)).map(subjectOf),
  since: async (ctx, { id }, seen) => await meanwhile(ctx, { subscription: id, seq: placeSeen(seen) }),
  deeds: [...deeds, ...CHANGE_DEEDS, ...METHOD_DEEDS, ...ITEM_DEEDS, ...PRICE_DEEDS],
};

function subjectOf(subscription: SubscriptionSubject): Subscription {
  const { id, reference, seen, state } = subscription;
  return {
    id,
    subscription,
    seen: String(seen.seq),
    asSeen: seen,
    name: reference,
    path: `/subscriptions/${id}`,
    money: null,
    now: shownStates[state],
  };
}
