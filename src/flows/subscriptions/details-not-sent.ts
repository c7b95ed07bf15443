import type { NewCustomer } from '../../infra/gateway/gateway.ts';
import type { Fault } from './terms.ts';

const KEPT =
  'was not sent: Xendit knows this customer already and keeps what it was told first; change it in its dashboard.';

/** Xendit keeps of a customer what it was told first, and we keep nothing of it: what differs now is lost unless it is said. */
export function detailsNotSent(customer: NewCustomer | { readonly id: string }): readonly Fault[] {
  if ('id' in customer) return [];
  const { givenNames, surname, email, mobileNumber } = customer;
  const given = { given_names: givenNames, surname, email, mobile_number: mobileNumber };
  return Object.entries(given).flatMap(([name, text]) =>
    text === null ? [] : [{ field: `customer.${name}`, message: KEPT }],
  );
}
