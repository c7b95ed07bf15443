import {
  amountDoubt,
  amountFault,
  askingChannels,
  channelFault,
  chosenFrom,
  codesOf,
  countriesOf,
  currenciesOf,
  noChannelTakes,
} from '../../../domain/catalog/channels.ts';
import type { Money } from '../../../domain/money/money.ts';
import { at, entries } from '../catalog-values.ts';
import type { Path } from '../yaml-fault.ts';
import { codes, type JudgedPlan } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/** Lists of channels: names that Xendit cannot charge by itself, and plans that have no list at all. */
export function channelJudgements(values: unknown, plans: readonly JudgedPlan[]): readonly Judgement[] {
  const lists = entries(at(values, 'defaults', 'payment_channels'));
  return [
    ...lists.flatMap(([country, list]) => listFaults(['defaults', 'payment_channels', country], country, list)),
    ...plans.flatMap(({ path, country, fields }) =>
      country === null ? [] : listFaults([...path, 'payment_channels'], country, at(fields, 'payment_channels')),
    ),
    ...unlisted(plans),
  ];
}

function listFaults(path: Path, country: string, list: unknown): readonly Judgement[] {
  const named = codes(list);
  if (named === null || currenciesOf(country).length === 0) return [];
  if (named.length === 0) return [fault(path, 'must name a channel, or be left out')];
  if (named.length > MOST_CHANNELS) return [fault(path, `must name at most ${MOST_CHANNELS} channels`)];
  return named.flatMap((code, index) => {
    const repeated = named.indexOf(code) < index ? `repeats ${code}` : null;
    const message = repeated ?? channelFault(country, code);
    return message === null ? [] : [fault([...path, index], message)];
  });
}

/** More than Xendit has anywhere. */
const MOST_CHANNELS = 100;

/** One warning a country, however many plans. */
function unlisted(plans: readonly JudgedPlan[]): readonly Judgement[] {
  const open = plans.flatMap(({ country, channels }) => (country !== null && channels === null ? [country] : []));
  return [...new Set(open)]
    .filter((country) => currenciesOf(country).length > 0)
    .map((country) => {
      const asking = codesOf(askingChannels(country));
      const offered = "is left out: Xendit's page then offers all savable channels";
      const message =
        asking === ''
          ? offered
          : `${offered}, of which these ask the customer each time, and cannot be charged when a cycle falls due: ${asking}`;
      return { path: ['defaults', 'payment_channels', country], message, about: 'missing', severity: 'warning' };
    });
}

/** A price that Xendit does not collect: in this country, or in the channels in which it is to be charged. */
export function priceJudgements(plan: JudgedPlan): readonly Judgement[] {
  const { path, country, price, channels } = plan;
  if (country === null || price === null || currenciesOf(country).length === 0) return [];
  if (!currenciesOf(country).includes(price.currency))
    return [currencyFault([...path, 'price', 'currency'], country, price)];
  const amountPath = [...path, 'price', 'amount'];
  const message = noChannelTakes(country, channels, price);
  if (message !== null) return [fault(amountPath, message)];
  return narrowed(country, channels, price).map((words) => ({ ...fault(amountPath, words), severity: 'warning' }));
}

function currencyFault(path: Path, country: string, { currency }: Money): Judgement {
  const homes = countriesOf(currency).join(', ');
  const wayOut = homes === '' ? '' : `; for ${currency} the plan's country is ${homes}`;
  return fault(path, `must be ${currenciesOf(country).join(' or ')}, in which Xendit collects in ${country}${wayOut}`);
}

/** In one sentence, the channels that do not take the price, or may not. */
function narrowed(country: string, channels: readonly string[] | null, price: Money): readonly string[] {
  const words = chosenFrom(country, channels).flatMap((channel) => {
    const said = amountFault(country, channel, price) ?? amountDoubt(country, channel, price);
    return said === null ? [] : [`${channel.code} ${said}`];
  });
  return words.length === 0 ? [] : [`cannot be charged in every channel: ${words.join(', ')}`];
}

function fault(path: Path, message: string): Judgement {
  return { path, message, about: 'value', severity: 'fault' };
}
