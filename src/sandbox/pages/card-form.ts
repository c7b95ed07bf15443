import { type CardEntry, cardExpiresAt, cardNetwork } from '../resources/card.ts';

/** The fields of the page, as they came. */
export type Form = Readonly<Record<string, string>>;

export type FieldFaults = Readonly<Record<string, string>>;

/** Reads the card from the form, or says for each field what is wrong with it. */
export function readCard(form: Form, now: Temporal.Instant): CardEntry | { faults: FieldFaults } {
  const number = (form.card_number ?? '').replace(/[ -]/g, '');
  const expiry = readExpiry(form.expiry ?? '');
  const faults = {
    ...(!/^\d{12,19}$/.test(number) && { card_number: 'Enter the digits on the front of the card.' }),
    ...expiryFault(expiry, now),
    ...cvnFault(form.cvn ?? '', number),
  };
  if (Object.keys(faults).length > 0 || expiry === undefined) return { faults };
  return { number, expiryMonth: expiry.month, expiryYear: expiry.year };
}

type Expiry = { month: number; year: number };

function readExpiry(text: string): Expiry | undefined {
  const found = /^\s*(0?[1-9]|1[0-2])\s*\/\s*(?:20)?(\d{2})\s*$/.exec(text);
  return found === null ? undefined : { month: Number(found[1]), year: 2000 + Number(found[2]) };
}

function expiryFault(expiry: Expiry | undefined, now: Temporal.Instant): FieldFaults {
  if (expiry === undefined) return { expiry: 'Enter month and year, like 12/30.' };
  const end = cardExpiresAt(expiry.month, expiry.year);
  return Temporal.Instant.compare(end, now) <= 0 ? { expiry: 'This card has expired.' } : {};
}

function cvnFault(cvn: string, number: string): FieldFaults {
  const digits = cardNetwork(number) === 'AMEX' ? 4 : 3;
  return new RegExp(`^\\d{${digits}}$`).test(cvn) ? {} : { cvn: `Enter the ${digits} digits of the security code.` };
}
