import { z } from 'zod';
import { rankMethod, removeMethod } from '../../../../flows/subscriptions/change-methods.ts';
import { replaceMethod } from '../../../../flows/subscriptions/replace-method.ts';
import type { Asked } from './asked.ts';
import { acted, boundsOf, isNot, PAID_STAYS, type Subscription } from './subscription-subject.ts';
import type { Acted, Deed } from './thing.ts';

const which = ([one]: readonly Subscription[]): Asked => ({
  id: 'method',
  label: 'Which method',
  choices: (one?.subscription.methods ?? []).map(({ id, words }) => [id, words]),
  schema: z.uuid('must be one of the list'),
});

/** A method of somebody else is none of the list: its id says nothing. */
const isOurs = ({ subscription }: Subscription, method: string | undefined) =>
  subscription.methods.some(({ id }) => id === method);
const NOT_OURS: Acted = {
  kind: 'invalid',
  faults: [{ field: 'method', message: 'The subscription has no such method any more' }],
};

/** What is done about how a subscription is paid. */
export const METHOD_DEEDS: readonly Deed<Subscription>[] = [
  {
    verb: 'new-method',
    reasonIn: 'activity',
    word: 'New method',
    saying: (what) => `Open a link for another method of ${what}`,
    past: 'Link opened',
    refusal: (one) => (one.subscription.may('replace_method') ? null : isNot(one, 'it takes no other method any more')),
    lede: () =>
      'A page of Xendit’s is opened on which its customer saves another method. A link that is open before is closed. What is owed is tried over the new method once it is saved.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'The methods that are saved stay, and are charged until another one is saved.',
    asks: () => [],
    act: async (ctx, { id }, { actor }): Promise<Acted> => {
      const input = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null, actor };
      const replaced = await replaceMethod(ctx, id, input);
      switch (replaced.kind) {
        case 'opened':
          return { kind: 'done' };
        case 'not_found':
          return { kind: 'refused', detail: 'There is no such subscription.' };
        case 'invalid':
          return { kind: 'refused', detail: replaced.faults.map(({ message }) => message).join('; ') };
        case 'refused':
          return { kind: 'refused', detail: `Xendit refused it (${replaced.code}): ${replaced.message}` };
        case 'forbidden':
        case 'unavailable':
          return { kind: 'refused', detail: replaced.detail };
      }
    },
    done: () => 'The link for its customer stands under “Sessions to save a method in”.',
  },
  {
    verb: 'first-method',
    reasonIn: 'activity',
    word: 'Charge another method first',
    saying: (what) => `Charge another method of ${what} first`,
    past: 'Method ranked',
    refusal: (one) => {
      if (!one.subscription.may('replace_method')) return isNot(one, 'its methods are what they were');
      return one.subscription.methods.length > 1 ? null : 'It has no other method that could be charged first.';
    },
    lede: () => 'The method that you choose is charged first, and tried at once for what is owed.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'The others stay behind it, in their order.',
    asks: (all) => [which(all)],
    act: async (ctx, one, { actor, given: { method } }) =>
      isOurs(one, method) ? acted(await rankMethod(ctx, one.id, { method: method ?? '', rank: 1, actor })) : NOT_OURS,
    done: () => 'It is charged first now.',
  },
  {
    verb: 'remove-method',
    reasonIn: 'activity',
    word: 'Remove a method',
    saying: (what) => `Remove a method of ${what}`,
    past: 'Method removed',
    refusal: (one) => {
      if (!one.subscription.may('replace_method')) return isNot(one, 'its methods are what they were');
      return one.subscription.methods.length > 0 ? null : 'It has no method.';
    },
    lede: () => 'Nothing more of this subscription is charged to the method that you choose. Its row stays.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: PAID_STAYS,
    asks: (all) => [which(all)],
    act: async (ctx, one, { actor, given: { method } }) =>
      isOurs(one, method) ? acted(await removeMethod(ctx, one.id, { method: method ?? '', actor })) : NOT_OURS,
    done: () => 'It is charged no more.',
  },
];
