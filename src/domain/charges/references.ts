/** Xendit takes letters, digits and little else of a customer's reference, and 255 of them. */
const CUSTOMER = /^[A-Za-z0-9_-]{1,255}$/;
/** As a telephone number is written for the world; bare digits may be anybody's own numbering. */
const TELEPHONE = /^\+\d{8,15}$/;

/** Blanks of other widths, ends of lines, and what takes no room: somebody reads two such references as one. */
const UNSEEN = /[^\S ]|[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

const WAY_OUT = 'it stands in books that nobody can edit, so use an id of your own';

/** Why this is no reference for a new subscription, in words that follow the field's name; null when it is one. */
export function subscriptionReferenceFault(text: string): string | null {
  if (text.includes('@')) return `must not contain "@", as an e-mail address does: ${WAY_OUT}`;
  return TELEPHONE.test(text) ? `must not be a telephone number: ${WAY_OUT}` : lookFault(text);
}

/** Two references that look alike are two subscriptions, and whoever looks for the one finds the other. */
function lookFault(text: string): string | null {
  if (text.startsWith(' ') || text.endsWith(' ')) return 'must not begin or end with a blank';
  if (UNSEEN.test(text)) return 'must not contain characters that nobody sees, nor blanks other than the plain one';
  return text === text.normalize('NFC') ? null : 'must be in Unicode NFC: its accents belong to their letters';
}

/** Why this is no reference for a new customer, in words that follow the field's name; null when it is one. */
export function customerReferenceFault(text: string): string | null {
  const fault = subscriptionReferenceFault(text);
  if (fault !== null || CUSTOMER.test(text)) return fault;
  return 'must be 1 to 255 letters, digits, "_" and "-", as Xendit demands';
}
