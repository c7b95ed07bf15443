import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants } from './mutants/mutants.ts';
import { replaced } from './mutants/replacement.ts';
import { wrongDesigns } from './simulation/wrong-designs.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('a wrong design that is tried by hand', () => {
  const designs = [...mutants, ...wrongDesigns];

  test.each(designs)('finds the text that it replaces: $name', (design) => {
    expect(replaced(read(design.file), design)).not.toBe(read(design.file));
  });

  test('goes by its own name', () => {
    for (const list of [mutants, wrongDesigns]) expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  });
});
