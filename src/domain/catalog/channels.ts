import { type Currency, decimals, type Money } from '../money/money.ts';
import { CHANNELS, type Channel, LIVES_MONTHS, NOT_CHARGEABLE } from './channel-table.ts';

const HOME: Readonly<Record<string, Currency>> = { ID: 'IDR', PH: 'PHP', VN: 'VND', TH: 'THB', SG: 'SGD', MY: 'MYR' };

/** The currencies that Xendit collects in there: the country's own, and US dollars. */
export function currenciesOf(country: string): readonly Currency[] {
  const home = HOME[country];
  return home === undefined ? [] : [home, 'USD'];
}

/** The countries whose own currency this is. */
export function countriesOf(currency: Currency): readonly string[] {
  return Object.keys(HOME).filter((country) => HOME[country] === currency);
}

/** The codes of all channels in which methods can be saved, wherever. */
export function savableCodes(): readonly string[] {
  return [...new Set(Object.keys(CHANNELS).flatMap((country) => channelsIn(country).map(({ code }) => code)))];
}

/** Channels whose saved methods can be charged when a cycle falls due. */
function chargeableChannels(country: string): readonly Channel[] {
  return channelsIn(country).filter(({ asksEachTime }) => !asksEachTime);
}

/** Channels that can be saved there and ask their customer each time: Xendit's page offers them unless it is told which to offer. */
export function askingChannels(country: string): readonly Channel[] {
  return channelsIn(country).filter(({ asksEachTime }) => asksEachTime);
}

/** Whether a method saved in this channel asks its customer each time; of a channel that is not known nothing is said. */
export function asksEachTime(country: string, code: string): boolean {
  return askingChannels(country).some((channel) => channel.code === code);
}

/** The channels of all countries that ask each time: none of them is chargeable anywhere. */
export function askingCodes(): readonly string[] {
  return [...new Set(Object.keys(CHANNELS).flatMap((country) => askingChannels(country).map(({ code }) => code)))];
}

/** Why a plan of this country cannot be charged in this channel, in words that follow the field's name; null when it can. */
export function channelFault(country: string, code: string): string | null {
  const known = channelsIn(country).find((channel) => channel.code === code);
  if (known?.asksEachTime === true)
    return `names ${code}, which can be saved but asks the customer each time: it cannot be charged when a cycle falls due`;
  if (known !== undefined) return null;
  const others = Object.keys(CHANNELS).filter((other) => channelsIn(other).some((channel) => channel.code === code));
  const offered = `there ${chargeableChannels(country).length === 1 ? 'is' : 'are'} ${codesOf(chargeableChannels(country))}`;
  if (others.length > 0)
    return `names ${code}, which can be saved in ${others.join(', ')} and not in ${country}: ${offered}`;
  if (NOT_CHARGEABLE.has(code))
    return `names ${code}, which cannot be charged without its customer when a cycle falls due: ${offered}`;
  return `names ${code}, which is no channel of Xendit's: ${offered}`;
}

/** Why this channel does not take the amount, in words that follow its name; null when it does, or when nobody knows. */
export function amountFault(country: string, channel: Channel, amount: Money): string | null {
  // The limits are told in the country's own currency only.
  if (amount.currency !== HOME[country]) return null;
  const { least, greatest } = channel;
  if (amount.minor < minorOf(least, amount.currency)) return `takes ${text(least)} ${amount.currency} at least`;
  if (greatest === null || amount.minor <= minorOf(greatest, amount.currency)) return null;
  return `takes ${text(greatest)} ${amount.currency} at most`;
}

/** The least that a payment in this channel may be, minor units; null where nobody knows: its limits are told in the country's own currency only. */
export function leastIn(country: string, code: string, currency: Currency): bigint | null {
  const channel = channelsIn(country).find((one) => one.code === code);
  return channel === undefined || currency !== HOME[country] ? null : minorOf(channel.least, currency);
}

/** For how many months a method saved in this channel lives; null: as long as its card, without an end, or nobody knows. */
export function monthsOf(country: string, code: string): number | null {
  return LIVES_MONTHS[country]?.[code] ?? null;
}

/** What every channel of a country takes; 0 where nobody knows of any. */
export function takenByAll(country: string, currency: Currency): bigint {
  return currency === HOME[country] ? (TAKEN_BY_ALL[country] ?? 0n) : 0n;
}

/** Reckoned once, since it is asked for with each charge that is opened. */
const TAKEN_BY_ALL: Readonly<Record<string, bigint>> = Object.fromEntries(
  Object.entries(HOME).map(([country, currency]) => [
    country,
    minorOf(Math.max(0, ...chargeableChannels(country).map(({ least }) => least)), currency),
  ]),
);

/** What another page of Xendit says against the amount; null when the pages agree that it is taken. */
export function amountDoubt(country: string, { doubtful }: Channel, amount: Money): string | null {
  if (doubtful === undefined || amount.currency !== HOME[country]) return null;
  if (amount.minor <= minorOf(doubtful, amount.currency)) return null;
  return `may take ${text(doubtful)} ${amount.currency} at most: Xendit's pages differ`;
}

/**
 * Why an amount cannot be charged in any of these channels, in words that follow the field's name; null when one takes it.
 * null for the channels: all of the country.
 */
export function noChannelTakes(country: string, codes: readonly string[] | null, amount: Money): string | null {
  const channels = chosenFrom(country, codes);
  const faults = channels.map((channel) => ({ channel, fault: amountFault(country, channel, amount) }));
  if (faults.length === 0 || faults.some(({ fault }) => fault === null)) return null;
  return `can be charged by no channel: ${faults.map(({ channel, fault }) => `${channel.code} ${fault}`).join(', ')}`;
}

export type OfferFault = { readonly field: string; readonly message: string };

/** Why customers of this country cannot be offered the channels that the field names, for this amount; null: it names none. */
export function offerFaults(
  field: string,
  country: string,
  codes: readonly string[] | null,
  amount: Money,
): readonly OfferFault[] {
  if (codes === null) return [];
  const named = codes.flatMap((code, index) => {
    const message = channelFault(country, code);
    return message === null ? [] : [{ field: `${field}.${index}`, message }];
  });
  if (named.length > 0) return named;
  const message = noChannelTakes(country, codes, amount);
  return message === null ? [] : [{ field, message: `the price ${message}` }];
}

/** The channels of these codes, of those that can be charged there; null: all of them. */
export function chosenFrom(country: string, codes: readonly string[] | null): readonly Channel[] {
  return chargeableChannels(country).filter(({ code }) => codes === null || codes.includes(code));
}

/** "CARDS, DANA, OVO" */
export function codesOf(channels: readonly Channel[]): string {
  return channels.map(({ code }) => code).join(', ');
}

function channelsIn(country: string): readonly Channel[] {
  return CHANNELS[country] ?? [];
}

function minorOf(major: number, currency: Currency): bigint {
  return BigInt(major) * 10n ** BigInt(decimals(currency));
}

function text(major: number): string {
  return major.toLocaleString('en');
}
