import { timeZoneNamed, zoneMeant } from '../calendar/cycle.ts';
import { currenciesOf } from '../catalog/channels.ts';
import { didYouMean } from '../catalog/did-you-mean.ts';
import type { Plan, ReturnUrls } from '../catalog/plan.ts';
import { customerReferenceFault, subscriptionReferenceFault } from '../charges/references.ts';
import { MOST_MINOR, parseMajor } from '../money/money.ts';
import type { ImportColumn, ImportFault } from './header.ts';
import { importedMetadata } from './metadata.ts';
import { type NextDues, nextDate } from './next-date.ts';

/** A subscriber of another biller, as a line of a file has them, once nothing is wrong with it. */
export type ImportedRow = {
  readonly line: number;
  readonly referenceId: string;
  /** At the price that is charged: its own, or what the file says. */
  readonly plan: Plan & { readonly returnUrls: ReturnUrls };
  readonly customerReference: string;
  /** Xendit's. */
  readonly customerId: string;
  readonly tokenId: string;
  readonly nextDate: Temporal.PlainDate;
  readonly dueAt: Temporal.Instant;
  /** The number of the cycle that begins on that day. */
  readonly cycle: number;
  readonly timeZone: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};

type Read<T> = T | { readonly fault: string };

/** More cycles than anybody was billed for, and a slip of the pen. */
const MOST_CYCLES = 100_000;
const LONGEST = 255;

/** A line as it is meant, or all that is wrong with it. */
export function importedRow(
  line: number,
  cells: ReadonlyMap<string, string>,
  plans: ReadonlyMap<string, Plan>,
  nextDue: NextDues,
): ImportedRow | readonly ImportFault[] {
  const faults: ImportFault[] = [];
  const take = <T>(column: ImportColumn, read: (text: string) => Read<T>): T | null => {
    const answer = read(cells.get(column) ?? '');
    if (typeof answer !== 'object' || answer === null || !('fault' in answer)) return answer;
    faults.push({ line, column, message: answer.fault });
    return null;
  };
  const referenceId = take('reference_id', (text) => nameOf(text, subscriptionReferenceFault));
  const sold = take('plan', (text) => planOf(text, plans));
  const customerReference = take('customer_reference', (text) => nameOf(text, customerReferenceFault));
  const customerId = take('customer_id', customerIdOf);
  const tokenId = take('payment_token_id', tokenIdOf);
  const nextDay = take('next_payment_date', nextDate);
  const cycle = take('cycle', (text) => cycleOf(text, sold));
  const plan = sold === null ? null : take('amount', (text) => pricedPlan(text, sold));
  const timeZone = take('time_zone', (text) => zoneOf(text, sold));
  const metadata = take('metadata', importedMetadata);
  const dueAt =
    nextDay === null || plan === null || timeZone === null
      ? null
      : take('next_payment_date', () => nextDue(nextDay, plan, timeZone));
  // `metadata` alone may be null without a fault.
  if (faults.length > 0 || referenceId === null || plan === null || customerReference === null) return faults;
  if (customerId === null || tokenId === null || nextDay === null || cycle === null) return faults;
  if (timeZone === null || dueAt === null) return faults;
  return {
    line,
    referenceId,
    plan,
    customerReference,
    customerId,
    tokenId,
    nextDate: nextDay,
    dueAt,
    cycle,
    timeZone,
    metadata,
  };
}

function nameOf(text: string, faultOf: (text: string) => string | null): Read<string> {
  if (text === '') return { fault: 'is empty' };
  if (text.length > LONGEST) return { fault: `must have at most ${LONGEST} characters` };
  const fault = /\p{Cc}|\p{Bidi_Control}/u.test(text) ? 'must not contain control characters' : faultOf(text);
  return fault === null ? text : { fault };
}

function planOf(text: string, plans: ReadonlyMap<string, Plan>): Read<ImportedRow['plan']> {
  const plan = plans.get(text);
  if (plan === undefined) {
    const known = [...plans.keys()];
    const told = `${JSON.stringify(text.slice(0, 63))} in the catalog${didYouMean(text, known)}`;
    return {
      fault: text === '' ? 'is empty' : `there is no plan ${told}; there are: ${known.slice(0, 20).join(', ')}`,
    };
  }
  const { country, price, returnUrls } = plan;
  if (!currenciesOf(country).includes(price.currency))
    return { fault: `costs ${price.currency}, which Xendit does not collect in ${country}: mend the catalog` };
  if (returnUrls === null)
    return { fault: 'has no return_urls in the catalog, which Xendit demands: set defaults.return_urls' };
  return { ...plan, returnUrls };
}

function customerIdOf(text: string): Read<string> {
  if (/^cust-[\w-]{36}$/.test(text)) return text;
  return { fault: text === '' ? 'is empty' : "must be Xendit's id: cust- and 36 characters" };
}

function tokenIdOf(text: string): Read<string> {
  if (text === '')
    return {
      fault:
        'is empty: this subscription has no method that could be charged. Leave it out, and send its customer a link',
    };
  if (/^pt-[\w-]{1,100}$/.test(text)) return text;
  return { fault: "must be Xendit's id of a payment token, which begins with pt-" };
}

function cycleOf(text: string, plan: Plan | null): Read<number> {
  if (!/^\d{1,6}$/.test(text) || Number(text) > MOST_CYCLES)
    return {
      fault: 'must be a whole number from 0 on: the cycle that begins on the next payment date, the first one being 0',
    };
  const cycle = Number(text);
  if (plan?.endsAfter == null || cycle < plan.endsAfter) return cycle;
  return {
    fault: `is beyond the last of the plan, which ends after ${plan.endsAfter} cycles, 0 to ${plan.endsAfter - 1}`,
  };
}

/** The plan at the price of the file: a person's own price stays theirs whatever the plan costs later. */
function pricedPlan(text: string, plan: ImportedRow['plan']): Read<ImportedRow['plan']> {
  if (text === '') return plan;
  if (text.includes(','))
    return { fault: `must be in plain digits, with a point before decimals: ${text.slice(0, 40)} has a comma` };
  const price = parseMajor(text, plan.price.currency);
  if ('fault' in price) return price;
  if (price.minor === 0n) return { fault: 'must be more than 0: leave it out, and the plan says what is charged' };
  return price.minor > MOST_MINOR ? { fault: 'is more than can be charged' } : { ...plan, price };
}

function zoneOf(text: string, plan: Plan | null): Read<string> {
  if (text === '') return plan?.timeZone ?? 'UTC';
  const zone = timeZoneNamed(text);
  if (zone === null || (!zone.includes('/') && zone !== 'UTC'))
    return { fault: `must be an IANA time zone like Asia/Jakarta, not ${JSON.stringify(text.slice(0, 40))}` };
  const meant = zoneMeant(zone);
  return meant === null
    ? zone
    : { fault: `lies west of UTC, whatever its sign says: ${meant} was meant, or a city like Asia/Jakarta` };
}
