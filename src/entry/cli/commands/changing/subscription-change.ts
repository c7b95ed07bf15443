import { type Command, Option } from 'commander';
import type { changePreviewView, listChanges } from '../../../../flows/views/change-view.ts';
import type { SubscriptionView } from '../../../../flows/views/subscription-view.ts';
import type { UpcomingView } from '../../../../flows/views/upcoming.ts';
import { type Listing, showPage } from '../../listing.ts';
import { wholeNumber } from '../../plain-number.ts';
import { subscriptionAddress } from '../../pointing.ts';
import { reasoned } from '../../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../../screen/confirmation.ts';
import { table } from '../../screen/table.ts';
import { moneyText, timeText } from '../../screen/wording.ts';
import { shownSubscription } from '../../shown-subscription.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../../verb.ts';

/* `dueday subscriptions change`, `withdraw-change` and `changes`. */

type Preview = ReturnType<typeof changePreviewView>;
type Changes = NonNullable<Awaited<ReturnType<typeof listChanges>>>;

type Wanted = {
  readonly plan?: string;
  readonly quantity?: string;
  readonly coupon?: string;
  readonly timeZone?: string;
  readonly chargeAt?: string;
  readonly anchorDate?: string;
  readonly anchor?: string;
  readonly when?: string;
};
type Changing = Reaching & Confirming & Wanted & { readonly reason?: string; readonly preview?: boolean };

export function changeCommand(house: House): Command {
  const about = 'change the plan, the quantity, or when a subscription is charged';
  return reasoned(confirmed(remoteVerb(house, 'change', about)), 'why, for the log')
    .argument('<id>', 'its id, or your reference')
    .option('--plan <plan>', 'the plan that it is to be of')
    .option('--quantity <n>', 'how many of the plan')
    .option('--coupon <code>', 'the coupon that it takes')
    .option('--time-zone <zone>', 'the zone in which its days begin')
    .option('--charge-at <time>', 'the local time at which its cycles fall due, such as 18:00')
    .option('--anchor-date <date>', 'the day on which the next period begins, from which all others are counted')
    .addOption(new Option('--anchor <what>', 'reset: the next period begins today').choices(['keep', 'reset']))
    .option('--when <when>', 'now, period_end, or a day to come; left out: now')
    .option('--preview', 'change nothing, and say what it would cost and give back')
    .action(async (id: string, options: Changing) => await change(house, id, options));
}

/** At a terminal the preview is shown, and what it said is what is made: with its token, or not at all. */
async function change(house: House, id: string, { reason, preview, ...options }: Changing): Promise<void> {
  const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
  const body = wantedBy(options);
  const isShown = preview === true || isAsked(house, options);
  const told = isShown ? await api.post<Preview>(`${address}/change/preview`, body) : null;
  const seen = told === null ? null : await api.get<SubscriptionView>(address);
  const words = told === null || seen === null ? '' : shownPreview(told, seen.time_zone, house.screen.width);
  if (preview === true)
    return answer(house.screen, options, told, () => `Nothing was changed. It would come to:\n${words}`);
  if (seen !== null) await confirm(house, 'yes', `Subscription ${seen.id} will be changed.\n${words}`);
  const made = told === null ? body : { preview_token: told.preview_token };
  const one = await api.post<SubscriptionView>(`${address}/change`, { ...made, reason });
  answer(house.screen, options, one, () => shownSubscription(one));
}

/** As the API takes it: what was not said is left out. */
function wantedBy({ plan, quantity, coupon, timeZone, chargeAt, anchorDate, anchor, when }: Wanted): object {
  return {
    plan,
    quantity: quantity === undefined ? undefined : wholeNumber('--quantity', quantity),
    coupon,
    time_zone: timeZone,
    charge_at: chargeAt,
    anchor_date: anchorDate,
    anchor,
    when,
  };
}

function shownPreview({ lines, amount, currency, due, ...told }: Preview, zone: string, wide: number | null): string {
  const facts = [
    ...lines.map((line) => [moneyText(line.amount, currency), line.text]),
    [moneyText(amount, currency), due === 'nothing' ? 'nothing is asked for' : `in all, asked for ${dueText(due)}`],
    [moneyText(told.credit_after, currency), 'credit after it'],
  ];
  const most = Math.max(...facts.map(([sum = '']) => sum.length));
  return [
    ...facts.map(([sum = '', text = '']) => `${sum.padStart(most)}  ${text}`),
    '',
    comingTable(told.before, told.after, zone, wide),
    ...told.warnings.map((warning) => `! ${warning}`),
  ].join('\n');
}

function dueText(due: 'now' | 'next_cycle'): string {
  return due === 'now' ? 'now' : 'with the next charge';
}

/** The next charges without the change and with it, side by side. */
function comingTable(
  before: readonly UpcomingView[],
  after: readonly UpcomingView[],
  zone: string,
  wide: number | null,
): string {
  const columns = [
    { title: 'charge', align: 'right' as const },
    { title: `without it (${zone})` },
    { title: 'amount', align: 'right' as const },
    { title: 'with it' },
    { title: 'amount', align: 'right' as const },
  ];
  const cells = (charge: UpcomingView | undefined) =>
    charge === undefined ? ['-', '-'] : [timeText(charge.due_at, zone), moneyText(charge.amount, charge.currency)];
  const rows = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
    return [String(index + 1), ...cells(before[index]), ...cells(after[index])];
  });
  return table(columns, rows, wide);
}

export function withdrawChangeCommand(house: House): Command {
  const about = 'withdraw the change that is planned, or waits for its payment';
  return remoteVerb(house, 'withdraw-change', about)
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Reaching) => {
      const api = await daemonOf(house, options);
      const one = await api.delete<SubscriptionView>(`${subscriptionAddress(id)}/change`);
      answer(house.screen, options, one, () => shownSubscription(one));
    });
}

export function changesCommand(house: House): Command {
  return remoteVerb(house, 'changes', 'what was asked to be changed of a subscription, newest first')
    .argument('<id>', 'its id, or your reference')
    .option('--limit <n>', 'at most so many, 1 to 500', '100')
    .option('--cursor <cursor>', 'where the last page ended')
    .action(async (id: string, { limit, cursor, ...options }: Listing) => {
      const api = await daemonOf(house, options);
      const page = await api.get<Changes>(`${subscriptionAddress(id)}/changes`, { limit, cursor });
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

function listed(changes: Changes['data'], wide: number | null): string {
  const columns = ['number', 'what', 'when', 'state', 'by', 'asked (UTC)', 'why'].map((title) => ({ title }));
  const rows = changes.map(({ number, what, when, state, actor, asked_at, reason, why }) => {
    return [String(number), what, when, state, actor, timeText(asked_at, 'UTC'), why ?? reason ?? '-'];
  });
  return table(columns, rows, wide);
}
