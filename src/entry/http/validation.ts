import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import { issueWords, type Kinds } from '../../domain/catalog/issue-words.ts';

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
    return read.success ? { value: read.data } : { error: new FieldFaults(faultsIn(schema, input, read.error)) };
  };
};

function faultsIn(schema: z.core.$ZodType, input: unknown, { issues }: z.core.$ZodError): readonly FieldFault[] {
  const faults = issues
    .values()
    .flatMap((issue) => faultsOf(schema, issue))
    .filter(oncePerField())
    .take(MOST_FAULTS)
    .toArray();
  const isOfAll = faults.length === 1 && faults[0]?.field === 'body' && (input ?? null) === null;
  return isOfAll ? [emptyBody(schema)] : faults;
}

/** A text that is no date does not lie too late besides: the first fault of a field is the one that helps. */
function oncePerField(): (fault: FieldFault) => boolean {
  const seen = new Set<string>();
  return ({ field }) => !seen.has(field) && seen.add(field) !== undefined;
}

/** Who sends nothing is told what should be there. */
function emptyBody(schema: z.core.$ZodType): FieldFault {
  const { error } = z.safeParse(schema, {}, { error: inOurWords });
  const wanted = (error?.issues ?? []).map(({ path, message }) => {
    return message === MISSING ? path.join('.') : `${path.join('.')} (${message})`;
  });
  return { field: 'body', message: `is empty: send an object with ${wanted.join(', ')}` };
}

/** Whoever has so many to mend need not hear of the others yet. */
const MOST_FAULTS = 50;
const MISSING = 'is missing';

/** For what a schema has no words of its own. Undefined: zod's are good enough. */
export function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) return MISSING;
  if (issue.code === 'invalid_format')
    return issue.format === 'email' ? 'must be an e-mail address like siti@example.com' : undefined;
  return issueWords(issue, kinds);
}

const kinds: Kinds = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object with fields',
  record: 'an object with fields',
  array: 'a list',
};

/** Unknown keys are told by zod at their parent: each is a fault of its own. */
function faultsOf(schema: z.core.$ZodType, issue: z.core.$ZodIssue): readonly FieldFault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path);
    return issue.keys.slice(0, MOST_FAULTS).map((key) => {
      return { field: [...path, key].join('.'), message: `There is no such field${didYouMean(key, known)}.` };
    });
  }
  return [{ field: path.length === 0 ? 'body' : path.join('.'), message: issue.message }];
}

/** The names that the schema knows at that path. */
function fieldsAt(schema: unknown, [step, ...rest]: readonly string[]): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return fieldsAt(schema.unwrap(), step === undefined ? [] : [step, ...rest]);
  if (!(schema instanceof z.ZodObject)) return [];
  return step === undefined ? Object.keys(schema.shape) : fieldsAt(schema.shape[step], rest);
}
