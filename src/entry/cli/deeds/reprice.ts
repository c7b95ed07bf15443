import { type ItemState, itemStates } from '../../../domain/subscriptions/repricing/repricing.ts';
import { type DraftInput, draftRepricing } from '../../../flows/edits/repricing/draft-repricing.ts';
import type { Figures } from '../../../flows/edits/repricing/figures.ts';
import {
  type RepricingStatus,
  repricingStatus,
  resumeRepricing,
  stopRepricing,
} from '../../../flows/edits/repricing/repricing-status.ts';
import { actorHere } from '../actor.ts';
import { wholeNumber } from '../plain-number.ts';
import { table } from '../screen/table.ts';
import { counted, moneyText } from '../screen/wording.ts';
import { answer, Failed, type House, NotUnderstood } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type Repricing = {
  readonly json?: boolean;
  readonly plan?: string;
  readonly to?: string;
  readonly filter: readonly string[];
  readonly limit?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
};
export type Watching = { readonly json?: boolean; readonly state?: string; readonly limit: string };

/** Shows whom a repricing would move, and writes it down for the daemons unless it is a dry run. */
export async function reprice(house: House, options: Repricing): Promise<void> {
  const input = inputOf(options);
  await withContext(house, async (ctx) => {
    const drafted = await draftRepricing(ctx, input);
    switch (drafted.kind) {
      case 'invalid':
        throw new NotUnderstood(drafted.faults.join('\n'));
      case 'refused':
        throw new Failed(drafted.detail);
      case 'drafted': {
        const { number, figures } = drafted;
        const facts = {
          repricing: number,
          dry_run: input.isDryRun,
          nothing_to_do: figures.by_state.done === 0,
          ...figures,
        };
        return answer(house.screen, options, facts, () => draftWords(input, number, figures));
      }
    }
  });
}

function inputOf({ plan, to, filter, limit, dryRun = false, reason }: Repricing): DraftInput {
  if (plan === undefined) throw new NotUnderstood('--plan: say whose subscriptions are to be moved.');
  if (to === undefined) throw new NotUnderstood('--to: say to the price of which catalog version.');
  const most = limit === undefined ? null : fromOne('--limit', limit);
  return {
    plan,
    toVersion: fromOne('--to', to),
    filter,
    most,
    isDryRun: dryRun,
    actor: actorHere(),
    reason: reason ?? null,
  };
}

/** A number that Postgres has room for. */
function fromOne(option: string, text: string): number {
  const number = wholeNumber(option, text);
  if (number < 1 || number > 1_000_000_000) throw new NotUnderstood(`${option}: "${text}" is no whole number from 1.`);
  return number;
}

function draftWords({ plan, toVersion, isDryRun }: DraftInput, number: number | null, figures: Figures): string {
  const { by_state, why, monthly } = figures;
  if (by_state.done === 0)
    return [
      `Nothing to do: nobody of ${plan} is to be moved to the price of version ${toVersion}.`,
      ...why.map(whyLine),
    ].join('\n');
  const would = isDryRun ? 'would be moved' : 'are moved';
  return [
    `${counted(by_state.done, 'subscription')} of ${plan} ${would} to the price of version ${toVersion}, each from its next cycle on.`,
    ...why.map(whyLine),
    ...monthly.map(
      ({ currency, before, after }) =>
        `A month of those: ${moneyText(before, currency)} before, ${moneyText(after, currency)} after, without tax, discounts and credit.`,
    ),
    isDryRun
      ? 'Nothing was changed: leave out --dry-run to do it.'
      : `Repricing ${number} is written down, and a daemon works on it within a minute: dueday catalog reprice status ${number}`,
  ].join('\n');
}

function whyLine({
  state,
  why,
  count,
}: {
  readonly state: string;
  readonly why: string | null;
  readonly count: number;
}): string {
  return `  ${counted(count, 'subscription')} ${state}: ${why ?? ''}`;
}

/** Shows how far a repricing has come. */
export async function status(house: House, id: string | null, options: Watching): Promise<void> {
  const number = id === null ? null : fromOne('id', id);
  const limit = fromOne('--limit', options.limit);
  const state = stateOf(options.state);
  await withContext(house, async (ctx) => {
    const shown = await repricingStatus(ctx, { number, state, limit });
    if (shown === null)
      throw new Failed(number === null ? 'There is no repricing.' : `There is no repricing ${number}.`);
    answer(house.screen, options, shown, () => statusWords(shown, house.screen.width));
  });
}

function stateOf(text: string | undefined): ItemState | null {
  if (text === undefined) return null;
  const state = itemStates.find((one) => one === text);
  if (state === undefined) throw new NotUnderstood(`--state: "${text}" is none of ${itemStates.join(', ')}.`);
  return state;
}

function statusWords(shown: RepricingStatus, width: number | null): string {
  const { repricing, state, plan, to_version, filter, limit, by, drafted_at, by_state, why, notices_missing, data } =
    shown;
  const narrowed = [...filter, ...(limit === null ? [] : [`at most ${limit}`])].join(', ');
  const counts = itemStates.map((one) => `${by_state[one]} ${one}`).join(', ');
  const rows = data.map((item) => [item.reference_id, item.subscription, item.state, item.why ?? '-']);
  const columns = ['reference', 'subscription', 'state', 'why'].map((title) => ({ title }));
  return [
    `Repricing ${repricing} is ${state}: ${plan} to the price of version ${to_version}${narrowed === '' ? '' : ` (${narrowed})`}, by ${by} at ${drafted_at}.`,
    `${counts}.`,
    ...why.map(whyLine),
    ...(by_state.failed === 0 || state === 'running'
      ? []
      : [
          `${counted(by_state.failed, 'subscription')} set apart. Mend what is said of each, then have them tried again: dueday catalog reprice resume ${repricing}`,
        ]),
    ...(notices_missing === 0
      ? []
      : [
          `${counted(notices_missing, 'subscription')} are to be told of the higher price: the old one is charged until then. dueday notices --owed names them`,
        ]),
    ...(rows.length === 0 ? [] : ['', table(columns, rows, width)]),
  ].join('\n');
}

/** Stops a repricing, or lets it go on. */
export async function move(
  house: House,
  to: 'stop' | 'resume',
  id: string | null,
  options: { readonly json?: boolean },
): Promise<void> {
  const number = id === null ? null : fromOne('id', id);
  await withContext(house, async (ctx) => {
    const moved = await (to === 'stop' ? stopRepricing(ctx, number) : resumeRepricing(ctx, number));
    if (moved.kind === 'refused') throw new Failed(moved.detail);
    const state = to === 'stop' ? 'stopped' : 'running';
    answer(house.screen, options, { repricing: moved.number, state }, () =>
      moved.kind === 'as_asked'
        ? `Repricing ${moved.number} is ${state} already.`
        : to === 'stop'
          ? `Repricing ${moved.number} is stopped: whoever was moved stays moved. Go on with: dueday catalog reprice resume ${moved.number}`
          : `Repricing ${moved.number} goes on, within a minute.`,
    );
  });
}
