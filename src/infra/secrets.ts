import { createHash, timingSafeEqual } from 'node:crypto';

/*
 * Each of these reads a text once, however it is written: words of others may be long, and made to be slow to read. So none may look
 * from every character of a word to the end of it.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/xnd_[\w-]+/gi, 'xnd_***'],
  [/\b(Basic|Bearer)\s+[\w+/=.~-]+/gi, '$1 ***'],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi, '$1***@'],
  [/\bpt-[\w-]{6,}/gi, 'pt-***'],
  [/(?<![^\s@"'<>(),;:=])[^\s@"'<>(),;:=]+@[^\s@"'<>(),;:=]+\.[^\s@"'<>(),;:=]+/g, '***@***'],
  // 12 to 19 digits, in groups or not; not the tail of a UUID, nor part of a longer number.
  [/(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-])/g, '[card number]'],
];

/**
 * The last resort, for words of others and for a secret that got into a fact after all: keys, passwords, payment tokens,
 * mail addresses, and whatever is as long as a card or telephone number. Not a licence to put one there.
 */
export function masked(text: string): string {
  return SECRETS.reduce((safe, [secret, mask]) => safe.replace(secret, mask), text);
}

/** Compares without telling by its time how much of a secret was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
