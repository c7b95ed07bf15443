const MOST_KEYS = 20;
const LONGEST_KEY = 40;
const LONGEST_VALUE = 80;

/** What a subscription is to be found again by, an object in JSON; null: nothing. Or what is wrong with it. */
export function importedMetadata(text: string): Readonly<Record<string, string>> | null | { readonly fault: string } {
  if (text === '') return null;
  const read = parsed(text);
  if (read === null) return { fault: 'must be a JSON object of texts, like {"campaign": "march"}' };
  const entries = Object.entries(read);
  if (entries.length > MOST_KEYS) return { fault: `must have at most ${MOST_KEYS} keys` };
  const [name] = entries.find((entry) => !isSound(entry)) ?? [];
  if (name === undefined) return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
  return {
    fault: `has under ${JSON.stringify(name.slice(0, LONGEST_KEY))} what cannot be kept: a name of 1 to ${LONGEST_KEY} characters, and a text of at most ${LONGEST_VALUE}`,
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function isSound([key, value]: readonly [string, unknown]): boolean {
  if (typeof value !== 'string' || value.length > LONGEST_VALUE || key.length < 1 || key.length > LONGEST_KEY)
    return false;
  return !/\p{Cc}|\p{Bidi_Control}/u.test(key) && !value.includes('\0') && value.isWellFormed();
}
