import { z } from 'zod';
import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import { issueWords, type Kinds } from '../../domain/catalog/issue-words.ts';
import { type Path, valueAt } from './yaml-fault.ts';

/** A fault before it has a line: where in the tree, and what is wrong, in words that follow the field's name. */
export type FieldFault = {
  readonly path: Path;
  readonly message: string;
  /** `key`: the name itself is wrong; `missing`: there is no such field yet; `empty`: it has no value. */
  readonly about: 'value' | 'key' | 'missing' | 'empty';
};

/** What the schema finds wrong with the values, in our words; one after the other, since nobody reads thousands. */
export function* schemaFaults(schema: z.core.$ZodType, values: unknown): Generator<FieldFault> {
  const parsed = z.safeParse(schema, values, { reportInput: true });
  for (const issue of parsed.error?.issues ?? []) yield* faultsOf(schema, values, issue);
}

function* faultsOf(schema: z.core.$ZodType, values: unknown, issue: z.core.$ZodIssue): Generator<FieldFault> {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const map = schemaAt(schema, path);
    const known = map instanceof z.ZodObject ? Object.keys(map.shape) : [];
    for (const key of issue.keys)
      yield { path: [...path, key], message: `is not known here${didYouMean(key, known)}`, about: 'key' };
  } else if (issue.code === 'invalid_key') {
    yield { path, message: issue.issues[0]?.message ?? issue.message, about: 'key' };
    yield* underBadKey(schema, values, path);
  } else if (issue.input === undefined) yield { path, message: 'is missing', about: 'missing' };
  else if (issue.input === null) yield { path, message: 'is empty: give a value, or remove the line', about: 'empty' };
  else yield { path, message: words(issue), about: 'value' };
}

/** zod does not look at a value whose key is wrong, but the admin should not have to come twice. */
function* underBadKey(schema: z.core.$ZodType, values: unknown, path: Path): Generator<FieldFault> {
  const below = schemaAt(schema, path);
  if (below === null) return;
  for (const fault of schemaFaults(below, valueAt(values, path))) yield { ...fault, path: [...path, ...fault.path] };
}

function words(issue: z.core.$ZodIssue): string {
  // Which of its forms was meant, nobody knows: the field says what it takes.
  if (issue.code === 'invalid_union') return issue.message;
  return issueWords(issue, kinds) ?? issue.message;
}

const kinds: Kinds = {
  string: 'text: if it looks like a number or a truth value, put it in quotes',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list, such as [1 day, 3 days]',
  object: 'a block of "key: value" lines',
  record: 'a block of "key: value" lines',
};

/** The schema of the value at that path; null where it knows none. */
function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | null {
  if (schema instanceof z.ZodOptional) return schemaAt(schema.unwrap(), path);
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  if (schema instanceof z.ZodRecord) return schemaAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return schemaAt(schema.element, rest);
  const child: unknown = schema instanceof z.ZodObject ? schema.shape[step] : undefined;
  return child instanceof z.ZodType ? schemaAt(child, rest) : null;
}
