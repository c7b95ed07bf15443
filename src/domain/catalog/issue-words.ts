import { didYouMean } from './did-you-mean.ts';

/** What a schema finds wrong with one value; the names are those of zod's issues. */
type Issue = {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
};

/** How a kind of value is called by those who write it: JSON and YAML have other words for a list. */
export type Kinds = Readonly<Record<string, string>>;

const haves: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** What is wrong with a value, in words that follow the name of its field; undefined where the schema's own words are better. */
export function issueWords(issue: Issue, kinds: Kinds): string | undefined {
  const { code, origin = '', minimum, maximum } = issue;
  const [verb, unit] = haves[origin] === undefined ? ['be', ''] : ['have', haves[origin]];
  switch (code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected ?? ''] ?? issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.input, issue.values ?? []);
    case 'too_small':
      return minimum === 1 && unit !== '' ? 'must not be empty' : `must ${verb} at least ${minimum}${unit}`;
    case 'too_big':
      return `must ${verb} at most ${maximum}${unit}`;
    default:
      return undefined;
  }
}

function oneOf(input: unknown, values: readonly unknown[]): string {
  const meant = typeof input === 'string' ? didYouMean(input, values.map(String)) : '';
  return `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${meant}`;
}
