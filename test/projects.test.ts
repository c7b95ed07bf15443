import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import config, { both } from '../vitest.config.ts';

/* Which command runs which test: whatever stands in test/ is run by `npm test`, by `npm run test:all` or by `npm run torture`, once; what draws its lives is run by the first two. */

type Project = {
  readonly test: {
    readonly name: string;
    readonly include: string[];
    readonly exclude?: string[];
    readonly provide?: object;
  };
};

const ROOT = join(import.meta.dirname, '..');
const projects = (config.test?.projects ?? []) as unknown as readonly Project[];
const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('torture/'))
  .map((name) => `test/${name}`);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
};

const isOf = (file: string, patterns: readonly string[] = []) => patterns.some((pattern) => matchesGlob(file, pattern));
const projectsOf = (file: string) =>
  projects.filter(({ test: { include, exclude } }) => isOf(file, include) && !isOf(file, exclude));
const namedBy = (script = '') => [...script.matchAll(/--project (\w+)/g)].map(([, name = '']) => name);
const inOrder = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));

test('every test file belongs to one project', () => {
  expect(files.length).toBeGreaterThan(150);
  expect(files.filter((file) => projectsOf(file).length !== (isOf(file, both) ? 2 : 1))).toEqual([]);
});

test('what lives fewer drawn lives for `npm test` lives all of them in `npm run test:all`', () => {
  const draws = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').match(/^import \{ runs \}/m));
  expect(inOrder(draws)).toEqual(inOrder(files.filter((file) => isOf(file, both))));
  const { include, provide } = projects.find(({ test: { name } }) => name === 'long')?.test ?? {};
  expect(draws.filter((file) => !isOf(file, include))).toEqual([]);
  expect(provide).toEqual({ isLong: true });
});

test('every project that is not torture is run by one of the two commands', () => {
  const run = [...namedBy(scripts.test), ...namedBy(scripts['test:all'])];
  const known = projects.map(({ test: { name } }) => name).filter((name) => name !== 'torture');
  expect(inOrder(run)).toEqual(inOrder(known));
});

test('no pattern of a project names a file that is gone', () => {
  const patterns = projects.flatMap(({ test: { name, include } }) => (name === 'long' ? include : []));
  const spread = patterns.flatMap((pattern) => {
    const [, before = '', names = pattern, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
    return names.split(',').map((name) => before + name + after);
  });
  expect(spread.filter((file) => !files.includes(file))).toEqual([]);
});
