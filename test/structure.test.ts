import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const MOST_FILES = 20;

/** The files of src that each file names, types included: one that points back is a noun in the wrong file. */
function namedBy(): ReadonlyMap<string, readonly string[]> {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^'\n]+)'/g);
  return [...found].map(([, imported = '']) => relative('.', join(dirname(file), imported)));
}

/** The files that need themselves, by way of others. */
function inCircles(named: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...named.keys()].filter((file) => {
    const seen = new Set<string>();
    const open = [...(named.get(file) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === file) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(named.get(next) ?? []));
    }
    return false;
  });
}

describe('the structure', () => {
  const named = namedBy();

  test('has no two files that need each other', () => {
    // The sandbox plays one account, whose resources know each other as Xendit's do.
    expect(inCircles(named).filter((file) => !file.startsWith('src/sandbox/'))).toEqual([]);
  });

  test('tells a circle', () => {
    expect(
      inCircles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b', 'c']);
  });

  test(`has no folder of more than ${MOST_FILES} files`, () => {
    const folders = Map.groupBy(named.keys(), dirname);
    expect([...folders].filter(([, files]) => files.length > MOST_FILES).map(([folder]) => folder)).toEqual([]);
  });
});
