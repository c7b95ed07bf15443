import { z } from 'zod';
import { masked } from '../infra/secrets.ts';

/** Printable text without control characters: what may be stored and shown. Xendit's references have 1 to 255. */
// No half of a character (Cs) either: Postgres' jsonb refuses it.
const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
const ID = /^[\w.:-]{1,255}$/;
const CODE = /^[\w-]{1,64}$/;

/** An id of Xendit's. Prefixes and lengths differ between its documents, so only what is no id at all is refused. */
export const id = z.string().trim().regex(ID, 'is no id');
/** A code: status, error_code, failure_code. One value of Xendit's own enum ends in a space: trimmed. */
export const code = z.string().trim().regex(CODE, 'is no code');
export const reference = z.string().regex(PLAIN_TEXT, 'is no reference');
export const currency = z
  .string()
  .trim()
  .regex(/^[A-Z]{3}$/, 'is no currency');
/** A number; as text where a double would not carry it (json.ts). */
export const amount = z.union([z.number(), z.string()], 'is no amount');

/** What we can do without: a missing key, null or nonsense is null. */
export function maybe<T>(field: z.ZodType<T>): z.ZodType<T | null> {
  return z
    .unknown()
    .optional()
    .transform((value) => {
      if (value === undefined || value === null) return null;
      const parsed = field.safeParse(value);
      return parsed.success ? parsed.data : null;
    });
}

/** The entries of a list that can be read; one that cannot does not lose the others, and no list is an empty one. */
export function listOf<T>(entry: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .unknown()
    .optional()
    .transform((value) => (Array.isArray(value) ? value.flatMap((one) => entry.safeParse(one).data ?? []) : []));
}

/** Words or digits to be shown, of any length that a picture's data may have. */
export const text = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,4096}$/u, 'is no text');
/** An instant as Xendit writes it, ISO 8601. */
export const time = z
  .string()
  .max(40)
  .refine((written) => {
    try {
      Temporal.Instant.from(written);
      return true;
    } catch {
      return false;
    }
  }, 'is no time');
/** What was sent along with a thing, and comes back with it; what is no object is none. */
export const metadata = z
  .unknown()
  .optional()
  .transform((value): Readonly<Record<string, unknown>> | null =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null,
  );

export const webUrl = z
  .string()
  .max(2048)
  .regex(/^[^\p{Cc}\p{Cs}\s]+$/u, 'is no web address')
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'is no web address');

/** The first fault of an answer: the field and what is wrong with it, never its value. */
export function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  if (issue === undefined || field === '') return 'no JSON object';
  return issue.message.startsWith('is no ') ? `${field} ${issue.message}` : `${field} is missing or of another type`;
}

/** Longer than any message; masking must not read megabytes. */
const LONGEST_READ = 4_000;

/**
 * Words of Xendit's for a row, a log or a page: one line, bounded, no half of a character. They may repeat what we sent,
 * so what looks like a secret is masked.
 */
export function words(text: string, most = 300): string {
  const line = masked(
    text
      .slice(0, LONGEST_READ)
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim(),
  );
  return (line.length > most ? `${line.slice(0, most - 1)}…` : line).toWellFormed();
}
