import { z } from 'zod';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { addItem, previewItem, withdrawItem } from '../../../../flows/subscriptions/change-items.ts';
import { plainText } from '../../api/texts.ts';
import type { Given } from './asked.ts';
import { acted, boundsOf, isNot, type Subscription } from './subscription-subject.ts';
import type { Acted, Deed } from './thing.ts';

const PLAIN = /^\d{1,12}(\.\d{1,3})?$/;
const MOST_QUANTITY = 1_000_000;

const itemOf = ({ text, amount, quantity }: Given) => ({
  text: text ?? '',
  amount: Number(amount ?? 0),
  quantity: Number(quantity ?? 1),
});

const named = (faults: readonly { readonly field: string; readonly message: string }[]) =>
  faults.map(({ field, message }) => ({
    field,
    message: `${field === 'amount' ? 'The price of one' : 'How many'} ${message}`,
  }));

/** What is done about the lines of the next charge. */
export const ITEM_DEEDS: readonly Deed<Subscription>[] = [
  {
    verb: 'add-item',
    reasonIn: 'activity',
    word: 'Add a line to the next charge',
    saying: (what) => `Add a line to the next charge of ${what}`,
    past: 'Line added',
    refusal: (one) => (one.subscription.may('add_items') ? null : isNot(one, 'no charge of it is to come')),
    lede: () => 'Its customer is charged for it with the next charge, beside the plan.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'Nothing is charged before, and the line can be taken back until then.',
    asks: ([one]) => [
      {
        id: 'text',
        label: 'What it says to people',
        schema: plainText(200),
      },
      {
        id: 'amount',
        label: one === undefined ? 'The price of one' : `The price of one, in ${one.subscription.currency}`,
        hint: 'A number like 49000 or 49.50, without separators of thousands.',
        schema: z.string('is missing').regex(PLAIN, 'must be a number like 49000 or 49.50'),
      },
      {
        id: 'quantity',
        label: 'How many',
        value: '1',
        schema: z
          .string()
          .regex(/^[1-9]\d{0,6}$/, 'must be a whole number')
          .refine((text) => Number(text) <= MOST_QUANTITY, 'must be at most 1,000,000')
          .optional(),
      },
    ],
    workedOut: async (_ctx, { subscription: { currency, items } }, { given }) => {
      const item = previewItem(itemOf(given), currency);
      if ('faults' in item) return { kind: 'invalid', faults: named(item.faults) };
      const money = moneyText(item.amount, currency);
      const before = items.reduce((sum, { amount }) => sum + amount, 0);
      return {
        kind: 'shown',
        saying: `Add ${money} to the next charge`,
        after: { word: 'Waits for the next charge', shape: 'waits', tone: '' },
        money,
        bounds: 'Before tax, discount and credit',
        lines: [
          [itemOf(given).text, money],
          ['Lines that wait already', items.length === 0 ? 'none' : moneyText(before, currency)],
        ],
        given,
      };
    },
    act: async (ctx, { id }, { actor, given }): Promise<Acted> => {
      const added = await addItem(ctx, id, itemOf(given), actor);
      if (added.kind === 'changed') return { kind: 'done' };
      return added.kind === 'invalid' ? { kind: 'invalid', faults: named(added.faults) } : acted(added);
    },
    done: () => 'It waits for the next charge.',
  },
  {
    verb: 'withdraw-item',
    reasonIn: 'activity',
    word: 'Take a line back',
    saying: (what) => `Take a line of the next charge of ${what} back`,
    past: 'Line taken back',
    refusal: (one) => {
      if (!one.subscription.may('add_items')) return isNot(one, 'no charge of it is to come');
      return one.subscription.items.length > 0 ? null : 'No line waits for its next charge.';
    },
    lede: () => 'The line that you choose is not charged.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'The other lines stay.',
    asks: ([one]) => [
      {
        id: 'item',
        label: 'Which line',
        choices: (one?.subscription.items ?? []).map(({ id, text, amount }) => [
          id,
          `${text}, ${moneyText(amount, one?.subscription.currency ?? '')}`,
        ]),
        schema: z.uuid('must be one of the list'),
      },
    ],
    act: async (ctx, { id }, { actor, given: { item } }): Promise<Acted> => {
      const withdrawn = await withdrawItem(ctx, id, item ?? '', actor);
      if (withdrawn.kind === 'not_found')
        return { kind: 'invalid', faults: [{ field: 'item', message: 'The subscription has no such line' }] };
      return withdrawn.kind === 'changed' ? { kind: 'done' } : acted(withdrawn);
    },
    done: () => 'It is not charged.',
  },
];
