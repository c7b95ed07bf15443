import { z } from 'zod';
import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { changeTerms, withdrawChange } from '../../../../flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../../../flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../../../flows/subscriptions/changing/preview-token.ts';
import { changePreviewView } from '../../../../flows/views/change-view.ts';
import { plainText } from '../../api/texts.ts';
import type { Asked, Given } from './asked.ts';
import { acted, boundsOf, isNot, type Subscription } from './subscription-subject.ts';
import type { Deed } from './thing.ts';

type Preview = ReturnType<typeof changePreviewView>;

const asks = ([one]: readonly Subscription[]): readonly Asked[] => [
  {
    id: 'plan',
    label: 'Plan',
    value: one?.subscription.plan ?? '',
    choices: (one?.subscription.plans ?? []).map((plan) => [plan, plan]),
    schema: plainText(100),
  },
  {
    id: 'quantity',
    label: 'How many',
    hint: 'Empty: as many as now.',
    schema: z
      .string()
      .regex(/^[1-9]\d{0,6}$/, 'must be a whole number')
      .optional(),
  },
  { id: 'coupon', label: 'Coupon', hint: 'May be empty.', schema: plainText(40).optional() },
  {
    id: 'when',
    label: 'From when on',
    value: 'period_end',
    choices: [
      ['period_end', 'With the next period'],
      ['now', 'At once'],
    ],
    schema: z.enum(['now', 'period_end'], 'must be one of the list'),
  },
  { id: 'preview_token', label: 'The preview', isKept: true, schema: z.string().max(20_000).optional() },
];

/** What stays as it is is not asked to be changed. */
const bodyOf = ({ plan, quantity, coupon, when }: Given, one: Subscription) => ({
  ...(plan !== one.subscription.plan && { plan }),
  ...(quantity !== undefined && { quantity: Number(quantity) }),
  ...(coupon !== undefined && { coupon }),
  when,
});

const DUE: Readonly<Record<Preview['due'], string>> = {
  now: 'paid first: it applies once it is paid',
  next_cycle: 'with the next charge',
  nothing: 'nothing is charged for it',
};

/** What was agreed, changed after its preview. */
export const CHANGE_DEEDS: readonly Deed<Subscription>[] = [
  {
    verb: 'change',
    word: 'Change the plan',
    saying: (what) => `Change what ${what} has`,
    past: 'Change written down',
    refusal: (one) => (one.subscription.may('change') ? null : isNot(one, 'nothing of it can be changed')),
    lede: () =>
      'Plan, quantity or coupon: what the days that are left come to is worked out by the day. A change that was planned before is replaced.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'What was charged stays charged; what the change gives back becomes credit.',
    asks,
    workedOut: async (ctx, one, { actor, given }) => {
      const { preview_token: _, ...asked } = given;
      const previewed = await previewChange(ctx, one.id, { body: bodyOf(asked, one), actor });
      if (previewed.kind === 'invalid') return previewed;
      if (previewed.kind === 'refused') return previewed;
      if (previewed.kind === 'not_found') return { kind: 'refused', detail: 'There is no such subscription.' };
      const seen = changePreviewView(previewed.shown);
      const money = moneyText(seen.amount, seen.currency);
      return {
        kind: 'shown',
        saying: `Change ${one.name} for ${money}`,
        after: one.now,
        money,
        bounds: `${DUE[seen.due]}; good until ${momentText(seen.good_until, one.subscription.zone)}`,
        lines: linesOf(seen, one.subscription.zone),
        given: { ...asked, preview_token: seen.preview_token },
      };
    },
    act: async (ctx, { id }, { actor, reason, given: { preview_token: token = '' } }) => {
      const previewed = readPreviewToken(ctx, id, token);
      if (previewed === null)
        return { kind: 'refused', detail: 'It was not previewed: nothing was changed. Ask for it anew.' };
      return acted(await changeTerms(ctx, id, { body: previewed.body, previewed, reason, actor }));
    },
    done: () => 'Its page says from when on.',
  },
  {
    verb: 'withdraw-change',
    reasonIn: 'activity',
    word: 'Withdraw the change',
    saying: (what) => `Withdraw the change of ${what}`,
    past: 'Change withdrawn',
    refusal: (one) => {
      if (!one.subscription.may('keep')) return isNot(one, 'nothing of it is planned any more');
      return one.subscription.isToBeChanged ? null : 'No change of it is planned.';
    },
    lede: () => 'What was agreed before goes on.',
    after: ({ now }) => now,
    bounds: boundsOf,
    untouched: 'A charge for the change that was not paid becomes void.',
    asks: () => [],
    act: async (ctx, { id }, { actor }) => acted(await withdrawChange(ctx, id, actor)),
    done: () => 'It goes on as it was.',
  },
];

/** What it costs, a line each; and the next charges without it and with it. */
function linesOf({ lines, amount, credit_after: credit, currency, before, after, warnings }: Preview, zone: string) {
  const coming = (all: Preview['before']) =>
    all.length === 0
      ? 'none'
      : all.map((one) => `${moneyText(one.amount, currency)} on ${momentText(one.due_at, zone)}`).join('; ');
  return [
    ...lines.map((line) => [line.text, moneyText(line.amount, currency)] as const),
    ['The change costs', moneyText(amount, currency)] as const,
    ['Credit then', moneyText(credit, currency)] as const,
    ['Next charges without it', coming(before)] as const,
    ['Next charges with it', coming(after)] as const,
    ...warnings.map((warning) => ['Mind', warning] as const),
  ];
}
