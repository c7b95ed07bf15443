import { z } from 'zod';
import { currencies } from '../../../domain/money/money.ts';

/*
 * Fields with a sentence and an example each, for the API description. What a text of an answer may say is described and
 * not checked: an answer about a row that another version of dueday wrote is better than none.
 */

const at = '2026-02-03T02:00:00Z';
const AN_ID = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';

/** The field, its sentence and an example of it. */
export function told<T extends z.ZodType>(field: T, description: string, example: unknown): T {
  return field.meta({ description, examples: [example] });
}

export const text = (description: string, example: string) => told(z.string(), description, example);
export const maybeText = (description: string, example: string) => told(z.string().nullable(), description, example);
export const id = (description: string, example = AN_ID) => text(description, example).meta({ format: 'uuid' });
export const count = (description: string, example: number) =>
  told(z.number(), description, example).meta({ type: 'integer' });
export const money = (description: string, example = 150_000) =>
  told(z.number(), `${description}, in major units`, example);
export const currency = () => oneOf(currencies, 'The currency of the amounts beside it, ISO 4217');

const IN_DIGITS = 'must be a whole number, in digits';

/** A whole number in a query. Number() alone would read 1e1 and 0x10, which people write by a slip of the pen only. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string(IN_DIGITS)
    .refine((text) => /^-?\d+$/.test(text), IN_DIGITS)
    .pipe(z.coerce.number<string>().min(min).max(max))
    .meta({ type: 'integer', minimum: min, maximum: max });

/** ISO 8601 in UTC. */
export const instant = (description: string) => text(description, at).meta({ format: 'date-time' });
export const maybeInstant = (description: string) => orNull(z.string().meta({ format: 'date-time' }), description, at);
export const date = (description: string, example = '2026-02-03') =>
  text(description, example).meta({ format: 'date' });
export const maybeDate = (description: string) =>
  orNull(z.string().meta({ format: 'date' }), description, '2026-02-03');
export const maybeId = (description: string) => orNull(z.string().meta({ format: 'uuid' }), description, AN_ID);
export const maybeCount = (description: string, example: number) =>
  orNull(z.number().meta({ type: 'integer' }), description, example);

/** One of a list of words; the first is the example. */
export function oneOf(words: readonly string[], description: string) {
  return told(z.string().meta({ enum: [...words] }), description, words[0]);
}

export function maybeOneOf(words: readonly string[], description: string) {
  return orNull(z.string().meta({ enum: [...words] }), description, words[0]);
}

function orNull<T extends z.ZodType>(field: T, description: string, example: unknown) {
  return told(field.nullable(), description, example);
}

/** Every word of a union: the compiler names the one that is missing. */
export function everyOne<Word extends string>(words: Readonly<Record<Word, true>>): readonly Word[] {
  return Object.keys(words) as Word[];
}

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item).describe('The page, in the order of the list'),
    next_cursor: maybeText(
      'Sent as cursor it asks for the next page; null on the last one',
      'eyJhdCI6IjIwMjYtMDItMDMifQ',
    ),
  });
