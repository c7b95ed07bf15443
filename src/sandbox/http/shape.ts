import { z } from 'zod';
import { type FieldError, invalidFields } from './fault.ts';

type Issue = z.core.$ZodIssue;
type Place = 'body' | 'query';

/** Of a body or a query that nobody reads: whoever sends one thinks that it has an effect. */
export const Nothing = z.strictObject({});

/** Reads a body or a query with a schema; every fault is named in one API_VALIDATION_ERROR. */
export function parse<T>(schema: z.ZodType<T>, input: unknown, place: Place = 'body'): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  throw invalidFields(parsed.error.issues.flatMap((issue) => fieldErrors(issue, input, place)));
}

// Xendit validates with ajv; the words are ajv's, as far as its one published example shows (docs/xendit.md 6.3).
function fieldErrors(issue: Issue, input: unknown, place: Place): FieldError[] {
  const path = ['', place, ...issue.path.map(String)].join('/');
  const leaf = String(issue.path.at(-1) ?? place);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ message: `must NOT have additional property '${key}'`, path: `${path}/${key}` }));
  }
  if (isMissing(issue, input)) return [{ message: `must have required property '${leaf}'`, path }];
  return [{ message: wording(issue), path }];
}

function isMissing(issue: Issue, input: unknown): boolean {
  return issue.path.length > 0 && valueAt(input, issue.path) === undefined;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[String(key)] : undefined), input);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function wording(issue: Issue): string {
  if (issue.code === 'invalid_type') return `must be ${issue.expected}`;
  if (issue.code === 'invalid_value') return `must be equal to one of the allowed values: ${issue.values.join(', ')}`;
  if (issue.code === 'too_small' && issue.origin === 'string') {
    return `must NOT have fewer than ${issue.minimum} characters`;
  }
  if (issue.code === 'too_big' && issue.origin === 'string') {
    return `must NOT have more than ${issue.maximum} characters`;
  }
  if (issue.code === 'too_small') return `must be ${issue.inclusive ? '>=' : '>'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be ${issue.inclusive ? '<=' : '<'} ${issue.maximum}`;
  return issue.message;
}
