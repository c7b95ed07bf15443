import {
  askCustomer,
  callIssuer,
  cardInactive,
  funds,
  invalidPin,
  neverAgain,
  notForThis,
  ourFault,
  partial,
  soft,
  suspected,
  type Treatment,
  technical,
  tokenDead,
  wrongCvn,
  wrongPin,
} from './treatment.ts';

/**
 * Network response codes that outrank Xendit's failure code. R1 and R3 arrive as DECLINED_BY_ISSUER, which alone would
 * say "retry". Visa's category 1 as of 2025, without 15, which was phased out (docs/xendit.md, Declines).
 */
export const networkCodes: Readonly<Record<string, Treatment>> = {
  '04': neverAgain,
  '07': neverAgain,
  '12': neverAgain,
  '14': neverAgain,
  '41': neverAgain,
  '43': neverAgain,
  '46': neverAgain,
  '57': neverAgain,
  R0: neverAgain,
  R1: neverAgain,
  R3: neverAgain,
  '54': tokenDead,
  '1A': askCustomer(),
  // Authentication failed, payment cancellation, ineligible for resubmission. Xendit's own codes for these (PROCESSOR_ERROR,
  // DECLINED_BY_ISSUER) would have them retried; for 21 its table says "Do not retry".
  Q1: askCustomer(),
  '21': askCustomer(),
  N5: askCustomer(),
  '9G': askCustomer('the cardholder blocked it'),
  '5C': askCustomer('the issuer does not take this kind of payment'),
  '93': askCustomer('the issuer may not make this payment by law'),
  // Invalid CVN.
  '82': wrongCvn,
  N7: wrongCvn,
  // A card that its holder has not activated; an account that does not exist, or is not active yet.
  '78': cardInactive,
  '72': cardInactive,
  // Invalid PIN, PIN not changed, too many tries, denied, does not qualify for a PIN.
  '55': invalidPin,
  '71': wrongPin,
  '74': wrongPin,
  '75': wrongPin,
  '86': wrongPin,
  P6: wrongPin,
  R2: wrongPin,
  // Suspected fraud, security violation.
  '59': suspected,
  '63': suspected,
  '81': suspected,
  '83': suspected,
  // Refer to the card issuer.
  '01': callIssuer,
  '02': callIssuer,
  '70': callIssuer,
  // Restricted card, transaction not permitted, not for online use; no credit, checking or savings account; a card whose
  // life cycle ended or changed.
  '62': notForThis,
  '58': notForThis,
  Z3: notForThis,
  '39': notForThis,
  '52': notForThis,
  '53': notForThis,
  '79': notForThis,
  '84': notForThis,
  '10': partial,
  '51': funds,
  '61': funds,
  '65': funds,
  N4: funds,
  '19': technical,
  '91': technical,
  '96': technical,
  '1Z': technical,
  // "Temporary system error, retry at a later stage": Xendit's own code, INACTIVE_OR_UNAUTHORIZED_CARD, would ask the customer.
  '92': technical,
  // "Invalid issuer, retry at a later time": Xendit's own code, INVALID_CARD, would end the token.
  '15': soft,
  '03': ourFault,
  // Invalid amount, format error: the request is wrong, not the card, and sending it again changes nothing.
  '13': ourFault,
  '30': ourFault,
  // "Duplicated transaction, do not retry": the money may have moved before. A person looks.
  '94': ourFault,
};

type Advice = { readonly treatment: Treatment | null; readonly minHours: number | null };

const advised = (treatment: Treatment): Advice => ({ treatment, minHours: null });
const waitHours = (minHours: number): Advice => ({ treatment: null, minHours });

/** Mastercard's merchant advice codes; null treatment: only the waiting time is advised. */
export const adviceCodes: Readonly<Record<string, Advice>> = {
  '1': advised(askCustomer()),
  '2': waitHours(72),
  '3': advised(neverAgain),
  '4': advised(ourFault),
  '8': advised(ourFault),
  '21': advised(neverAgain),
  '22': advised(ourFault),
  '24': waitHours(1),
  '25': waitHours(24),
  '26': waitHours(48),
  '27': waitHours(96),
  '28': waitHours(144),
  '29': waitHours(192),
  '30': waitHours(240),
};
