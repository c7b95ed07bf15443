/** Where the reference stands in the address of a customer in the business's own system. */
const PLACE = '{reference}';

/** Why this leads to no customer, in words that follow the field's name; null when it does. */
export function customerAddressFault(template: string): string | null {
  if (!/^https?:\/\//i.test(template)) return 'must be an https:// or http:// address';
  if (/[\p{Cc}\p{Cs}\s\\]/u.test(template)) return 'must not contain control characters, blanks or backslashes';
  const [, authority = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/iu.exec(template) ?? [];
  if (authority === '' || authority.includes('@') || URL.parse(template) === null)
    return 'must name a host, and neither a user name nor a password';
  const isOnce = rest.split(PLACE).length === 2;
  return isOnce && !authority.includes('{') ? null : `must contain ${PLACE} once, behind its host`;
}

/** The page of a customer in the business's own system; null: no address can be made of this reference. */
export function customerAddress(template: string | null, reference: string): string | null {
  // Browsers read a path of dots as the way up, however it is written.
  if (template === null || /^\.{1,2}$/.test(reference) || !reference.isWellFormed()) return null;
  return template.replace(PLACE, () => encodeURIComponent(reference));
}
