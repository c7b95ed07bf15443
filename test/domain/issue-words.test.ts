import { expect, test } from 'vitest';
import { issueWords } from '../../src/domain/catalog/issue-words.ts';

const kinds = { int: 'a whole number' };

test.each([
  [{ code: 'invalid_type', expected: 'int' }, 'must be a whole number'],
  [{ code: 'invalid_type', expected: 'date' }, 'must be date'],
  [
    { code: 'invalid_value', input: 'lates', values: ['latest', 'none'] },
    'must be one of latest, none (did you mean "latest"?)',
  ],
  [{ code: 'invalid_value', input: 7, values: ['v1'] }, 'must be v1'],
  [{ code: 'too_small', origin: 'string', minimum: 1 }, 'must not be empty'],
  [{ code: 'too_small', origin: 'array', minimum: 1 }, 'must not be empty'],
  [{ code: 'too_small', origin: 'string', minimum: 4 }, 'must have at least 4 characters'],
  [{ code: 'too_small', origin: 'number', minimum: 1 }, 'must be at least 1'],
  [{ code: 'too_big', origin: 'number', maximum: 500 }, 'must be at most 500'],
  [{ code: 'too_big', origin: 'array', maximum: 20 }, 'must have at most 20 entries'],
  [{ code: 'custom' }, undefined],
])('%j: %s', (issue, words) => {
  expect(issueWords(issue, kinds)).toBe(words);
});
