import { z } from 'zod';
import { consentAnswers, consentsTo } from '../../../../domain/methods/consent.ts';
import { recordNotice } from '../../../../flows/subscriptions/notices/record-notice.ts';
import { recordConsent } from '../../../../flows/subscriptions/record-consent.ts';
import { instantText, plainText } from '../../api/texts.ts';
import type { Asked } from './asked.ts';
import { boundsOf, isNot, type Subscription } from './subscription-subject.ts';
import type { Acted, Deed } from './thing.ts';

const ABOUT: Readonly<Record<(typeof consentsTo)[number], string>> = {
  price: 'Another price',
  extra: 'Charges outside of the plan',
  save_again: 'Saving a method once more',
};
const ANSWERED: Readonly<Record<(typeof consentAnswers)[number], string>> = {
  given: 'They agreed',
  refused: 'They refused',
};

const evidence = (isNeeded: boolean): Asked => ({
  id: 'evidence',
  label: 'Where it is kept',
  hint: `Such as “mailing 4711”; it stands in the charge log, so no names.${isNeeded ? '' : ' May be empty.'}`,
  schema: isNeeded ? plainText(500) : plainText(500).optional(),
});

const lives = (one: Subscription) => (one.subscription.may('keep') ? null : isNot(one, 'nobody is asked any more'));

type Recorded = Awaited<ReturnType<typeof recordNotice | typeof recordConsent>>;

function recorded(answer: Recorded): Acted {
  switch (answer.kind) {
    case 'recorded':
      return { kind: 'done' };
    case 'invalid':
      return { kind: 'invalid', faults: answer.faults };
    case 'refused':
      return { kind: 'refused', detail: answer.detail };
    case 'not_found':
      return { kind: 'refused', detail: 'There is no such subscription.' };
  }
}

/** What its customer was told and answered, written down. */
export const PRICE_DEEDS: readonly Deed<Subscription>[] = [
  {
    verb: 'notice',
    reasonIn: 'activity',
    word: 'Write a notice down',
    saying: (what) => `Write down that the customer of ${what} was told`,
    past: 'Notice written down',
    refusal: lives,
    lede: () => 'The customer was told of a higher price: the days until it is charged count from when it was sent.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'dueday sends nothing: the notice was sent by somebody else before.',
    asks: ([one]) => [
      {
        id: 'subject',
        label: 'Version of the catalog whose price they were told',
        value: String(one?.subscription.version ?? ''),
        schema: plainText(20),
      },
      {
        id: 'sent_at',
        label: 'When it was sent',
        hint: 'An instant with its offset, like 2026-03-01T09:00:00+07:00.',
        schema: instantText,
      },
      { id: 'channel', label: 'By what', value: 'email', schema: plainText(100) },
      evidence(false),
    ],
    act: async (ctx, { id }, { actor, given }) =>
      recorded(
        await recordNotice(ctx, id, {
          kind: 'price_change',
          subject: given.subject ?? '',
          sentAt: Temporal.Instant.from(given.sent_at ?? ''),
          channel: given.channel ?? '',
          evidence: given.evidence ?? null,
          actor,
        }),
      ),
    done: () => 'It stands under “What they were told, and answered”.',
  },
  {
    verb: 'consent',
    reasonIn: 'activity',
    word: 'Write an answer down',
    saying: (what) => `Write down what the customer of ${what} answered`,
    past: 'Answer written down',
    refusal: lives,
    lede: () =>
      'Of a price it counts from the next charge on: who agreed pays it, and of who refused the catalog says.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'What fell due before stays as it is.',
    asks: () => [
      {
        id: 'what',
        label: 'About what',
        value: 'price',
        choices: consentsTo.map((one) => [one, ABOUT[one]]),
        schema: z.enum(consentsTo, 'must be one of the list'),
      },
      {
        id: 'answer',
        label: 'What they answered',
        value: 'given',
        choices: consentAnswers.map((one) => [one, ANSWERED[one]]),
        schema: z.enum(consentAnswers, 'must be one of the list'),
      },
      evidence(true),
    ],
    act: async (ctx, { id }, { actor, given: { what, answer, evidence: kept = '' } }) =>
      recorded(
        await recordConsent(ctx, id, {
          what: consentsTo.find((one) => one === what) ?? 'price',
          answer: consentAnswers.find((one) => one === answer) ?? 'refused',
          evidence: kept,
          actor,
        }),
      ),
    done: () => 'It stands under “What they were told, and answered”.',
  },
];
