import type { CreateInput } from '../create-input.ts';
import type { Agreed, Fault } from '../terms.ts';

type Asked = Pick<CreateInput, 'firstCharge' | 'anchorDate' | 'useMethod' | 'saveFor'>;
type Of = { readonly plan: Pick<Agreed['plan'], 'firstCharge' | 'trial'> };

/** Whether cycle 0 is paid in the session in which its method is saved, as the request or else the plan has it, where that can be. */
export function isInSession(asked: Asked, { plan }: Of): boolean {
  return (asked.firstCharge ?? plan.firstCharge) === 'in_session' && whyNot(asked, plan.trial !== null) === null;
}

/** Why a request cannot have it; what only the plan asks for gives way. */
export function firstChargeFaults(asked: Asked, { plan }: Of): readonly Fault[] {
  const message = asked.firstCharge === 'in_session' ? whyNot(asked, plan.trial !== null) : null;
  return message === null ? [] : [{ field: 'onboarding.first_charge', message }];
}

function whyNot({ anchorDate, useMethod, saveFor }: Asked, hasTrial: boolean): string | null {
  if (hasTrial) return 'must be after_saving: with a trial, cycle 0 is due when that is over';
  if (anchorDate !== null)
    return 'must be after_saving with an anchor_date: what is paid in the session begins with that day';
  if (useMethod !== undefined) return 'must be after_saving with use_method, which opens no session';
  return saveFor === 'MERCHANT_UNSCHEDULED'
    ? 'must be after_saving with save_for: in a session that is paid, a method is saved as RECURRING'
    : null;
}
