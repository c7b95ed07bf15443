/** Xendit takes letters, digits and little else of a customer's reference, and 255 of them. */
const CUSTOMER = /^[A-Za-z0-9_-]{1,255}$/;
/** As a telephone number is written for the world; bare digits may be anybody's own numbering. */
const TELEPHONE = /^\+\d{8,15}$/;

const WAY_OUT = 'it stands in books that nobody can edit, so use an id of your own';

/** Why this is no reference for a new subscription, in words that follow the field's name; null when it is one. */
export function subscriptionReferenceFault(text: string): string | null {
  if (text.includes('@')) return `must not contain "@", as an e-mail address does: ${WAY_OUT}`;
  return TELEPHONE.test(text) ? `must not be a telephone number: ${WAY_OUT}` : null;
}

/** Why this is no reference for a new customer, in words that follow the field's name; null when it is one. */
export function customerReferenceFault(text: string): string | null {
  const fault = subscriptionReferenceFault(text);
  if (fault !== null || CUSTOMER.test(text)) return fault;
  return 'must be 1 to 255 letters, digits, "_" and "-", as Xendit demands';
}
