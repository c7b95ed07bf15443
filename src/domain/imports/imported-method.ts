import { localDate } from '../calendar/cycle.ts';
import type { Plan } from '../catalog/plan.ts';
import { type Mandate, type MandateEcho, mandateFor, savedFors } from '../methods/mandate.ts';
import { chargeableUntil } from '../methods/method-end.ts';
import { whyUnfit } from '../methods/sharing.ts';
import type { TokenEnd, TokenStatus } from '../methods/token-moves.ts';
import type { ImportedRow } from './imported-row.ts';

/** A method that was saved with another biller, as Xendit tells of it. */
export type FoundMethod = {
  readonly customerId: string | null;
  readonly channelCode: string;
  readonly country: string | null;
  readonly currency: string | null;
  readonly status: 'active' | 'pending' | TokenEnd;
  readonly label: string | null;
  readonly network: string | null;
  readonly fingerprint: string | null;
  readonly expiryMonth: string | null;
  readonly expiryYear: string | null;
  /** What it was saved for; left out: Xendit does not say, as its documented answers do not. */
  readonly echo?: MandateEcho;
};

/** What a line of a file is to be charged with its method; the years as in the catalog. */
type Charged = Pick<ImportedRow, 'plan' | 'customerId' | 'nextDate' | 'cycle' | 'timeZone'>;

/** What is left of the plan from the cycle on that is charged next. */
function planAhead({ plan, cycle }: Charged): Plan {
  return { ...plan, trial: null, setupFee: null, endsAfter: plan.endsAfter === null ? null : plan.endsAfter - cycle };
}

/**
 * What the method is charged under: as Xendit tells it, and where it does not, as this plan's methods are saved. Nobody else knows: a
 * mandate that differs shows when the first few are charged.
 */
export function importedMandate(method: FoundMethod, row: Charged, mandateYears: number): Mandate {
  const usual = mandateFor(planAhead(row), row.nextDate, mandateYears);
  const { cardOnFileType, recurringFrequency, recurringExpiry } = method.echo ?? {};
  return {
    cardOnFileType: savedFors.find((known) => known === cardOnFileType) ?? usual.cardOnFileType,
    recurringFrequency: recurringFrequency ?? usual.recurringFrequency,
    recurringExpiry:
      recurringExpiry == null ? usual.recurringExpiry : Temporal.PlainDate.from(recurringExpiry.slice(0, 10)),
  };
}

/** Why a method cannot be charged for the subscription of a line, in words that follow the name of its column; null: it can. */
export function importedMethodFault(
  method: FoundMethod,
  row: Charged,
  mandateYears: number,
  now: Temporal.Instant,
): string | null {
  const { customerId, echo } = method;
  if (customerId !== null && customerId !== row.customerId)
    return `names a method of another customer: Xendit has it for ${customerId}`;
  if (!isConfirmed(method)) return 'names a method that its customer has not confirmed yet';
  const type = echo?.cardOnFileType ?? null;
  if (type !== null && !savedFors.some((known) => known === type))
    return `names a method that was saved as ${type}, and cannot be charged without its customer`;
  const mandate = importedMandate(method, row, mandateYears);
  const country = method.country ?? row.plan.country;
  const lasting = {
    ...method,
    country,
    recurringExpiry: mandate.recurringExpiry,
    savedOn: localDate(now, row.timeZone),
  };
  const shared = { ...method, country, mandate, until: chargeableUntil(lasting) };
  const wanted = { plan: planAhead(row), startsOn: row.nextDate, allowedChannels: null, saveFor: undefined };
  return whyUnfit(shared, wanted);
}

function isConfirmed(method: FoundMethod): method is FoundMethod & { readonly status: TokenStatus } {
  return method.status !== 'pending';
}
