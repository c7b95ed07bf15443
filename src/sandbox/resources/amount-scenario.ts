import type { Country } from './channel.ts';

export type Decline = {
  readonly failure_code: string;
  readonly network_response_code?: string | undefined;
  readonly merchant_advice_code?: string | undefined;
};

const declined = (failure_code: string, network_response_code?: string): Decline => ({
  failure_code,
  network_response_code,
});

/**
 * Amounts that fail in test mode (docs/xendit.md 7). Documented for card charges; that they hold for the charge of a saved
 * card is INFERRED. The two-decimal set is named by the network's code.
 */
const EVERYWHERE_BUT_VN = new Map<number, Decline>([
  [10051, declined('EXPIRED_CARD')],
  [10052, declined('SUSPECTED_FRAUDULENT')],
  [10053, declined('DECLINED_BY_PROCESSOR')],
  [10054, declined('INSUFFICIENT_BALANCE')],
  [10055, declined('STOLEN_CARD')],
  [10056, declined('INACTIVE_OR_UNAUTHORIZED_CARD')],
  [10057, declined('PROCESSOR_ERROR')],
  [10058, declined('INVALID_CVV')],
  [10059, declined('DECLINED_BY_ISSUER')],
  [10.05, declined('DECLINED_BY_ISSUER', '05')],
  [10.14, declined('INVALID_CARD', '14')],
  [10.3, declined('PROCESSOR_ERROR', '30')],
  [10.51, declined('INSUFFICIENT_BALANCE', '51')],
]);

const VN = new Map<number, Decline>([
  [405400, declined('EXPIRED_CARD')],
  [405900, declined('SUSPECTED_FRAUDULENT')],
  [405100, declined('INSUFFICIENT_BALANCE')],
  [400700, declined('STOLEN_CARD')],
  [405500, declined('INACTIVE_OR_UNAUTHORIZED_CARD')],
  [402500, declined('PROCESSOR_ERROR')],
  [403900, declined('INVALID_CVV')],
  [400300, declined('DECLINED_BY_ISSUER')],
]);

// "65 - Exceeds Withdrawal. Only applicable for VISA Cards only."
const VISA_ONLY = new Map<number, Decline>([[10.65, declined('DECLINED_BY_ISSUER', '65')]]);

/** The decline that Xendit's test mode gives a card charge of this amount, if any. */
export function declineByAmount(country: Country, amount: number, network: string): Decline | undefined {
  if (country === 'VN') return VN.get(amount);
  return EVERYWHERE_BUT_VN.get(amount) ?? (network === 'VISA' ? VISA_ONLY.get(amount) : undefined);
}

/** Whether some card fails with this amount in test mode. */
export function isTestAmount(country: Country, amount: number): boolean {
  return declineByAmount(country, amount, 'VISA') !== undefined;
}
