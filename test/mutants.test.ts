import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants, mutated } from './mutants/mutants.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('a wrong design that is tried by hand', () => {
  test.each(mutants)('finds the text that it replaces: $name', (mutant) => {
    expect(mutated(read(mutant.file), mutant)).not.toBe(read(mutant.file));
  });

  test('goes by its own name', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});
