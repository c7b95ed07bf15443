import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

/** What is wrong with a field, named as the caller wrote it. */
export type FieldFault = { readonly field: string; readonly message: string };

/** Everything that is wrong with one part of a request: its body, its query or its path. */
export class FieldFaults extends Error {
  override readonly name = 'FieldFaults';
  readonly faults: readonly FieldFault[];

  constructor(faults: readonly FieldFault[]) {
    super(faults.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.faults = faults;
  }
}

/** Reads each part of a request by its schema; all its faults are told at once, in our words. */
export const readByZod: FastifySchemaCompiler<z.core.$ZodType> = ({ schema }) => {
  return (input: unknown) => {
    const read = z.safeParse(schema, input, { error: inOurWords });
    return read.success ? { value: read.data } : { error: new FieldFaults(read.error.issues.flatMap(faultsOf)) };
  };
};

/** For what a schema has no words of its own. Undefined: zod's are good enough. */
export function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      if (issue.minimum === 1 && limits[issue.origin] !== undefined) return 'must not be empty';
      return `must ${limits[issue.origin] ?? 'be'} at least ${issue.minimum}${units[issue.origin] ?? ''}`;
    case 'too_big':
      return `must ${limits[issue.origin] ?? 'be'} at most ${issue.maximum}${units[issue.origin] ?? ''}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address like siti@example.com' : undefined;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object with fields',
  record: 'an object with fields',
  array: 'a list',
};
const limits: Readonly<Record<string, string>> = { string: 'have', array: 'have' };
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** Unknown keys are told by zod at their parent: each is a fault of its own. */
function faultsOf(issue: z.core.$ZodIssue): readonly FieldFault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'There is no such field.' }));
  return [{ field: path.length === 0 ? 'body' : path.join('.'), message: issue.message }];
}
