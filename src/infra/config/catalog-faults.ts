import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import type { Path } from './yaml-fault.ts';

/** A fault before it has a line: where in the tree, and what is wrong, in words that follow the field's name. */
export type FieldFault = {
  readonly path: Path;
  readonly message: string;
  /** `key`: the name itself is wrong; `missing`: there is no such field yet. */
  readonly about: 'value' | 'key' | 'missing';
};

/** Everything that the schema finds wrong with the values, in our words. */
export function schemaFaults(schema: z.ZodType, values: unknown): readonly FieldFault[] {
  const parsed = schema.safeParse(values, { reportInput: true });
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(schema, issue));
}

function faultsOf(schema: z.ZodType, issue: z.core.$ZodIssue): readonly FieldFault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `is not known here${didYouMean(key, known)}`,
      about: 'key',
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues[0]?.message ?? issue.message, about: 'key' }];
  }
  if (issue.input === undefined) return [{ path, message: 'is missing', about: 'missing' }];
  return [{ path, message: words(issue), about: 'value' }];
}

function words(issue: z.core.$ZodIssue): string {
  if (issue.input === null) return 'is empty: give a value, or remove the line';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}${meant(issue.input, issue.values)}`;
    case 'invalid_union':
      return 'must be a number, such as 150000 or 10.50';
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${units[issue.origin] ?? ''}`;
    default:
      return issue.message;
  }
}

function meant(input: unknown, values: readonly unknown[]): string {
  return typeof input === 'string' ? didYouMean(input, values.map(String)) : '';
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text: if it looks like a number or a truth value, put it in quotes',
  int: 'a whole number',
  number: 'a number',
  array: 'a list, such as [1 day, 3 days]',
  object: 'a block of "key: value" lines',
  record: 'a block of "key: value" lines',
};

const units: Readonly<Record<string, string>> = { string: ' characters long', array: ' entries long' };

/** The keys that the schema knows in the map at that path. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(schema.shape);
    const child: unknown = schema.shape[step];
    return child instanceof z.ZodType ? keysAt(child, rest) : [];
  }
  if (step === undefined) return [];
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  return schema instanceof z.ZodArray ? keysAt(schema.element, rest) : [];
}
