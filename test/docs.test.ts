import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { getTableName, is } from 'drizzle-orm';
import { getTableConfig, PgDialect, PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, test } from 'vitest';
import drizzleConfig from '../drizzle.config.ts';

/* Whatever a page or a comment leads to is there: files, scripts, sections, invariants, states and tables. */

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const below = (folder: string, end: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => end.test(name))
    .map((name) => join(folder, name));

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'patches/README.md',
  'src/sandbox/README.md',
  ...below('docs', /\.md$/),
].filter((page) => existsSync(join(ROOT, page)));
const CODE = [...['src', 'test', 'bench'].flatMap((folder) => below(folder, /\.ts$/)), ...below('drizzle', /\.sql$/)];

const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^(\.git|node_modules)$/.test(entry.name))
  .map((entry) => entry.name);
const TRACKED = FOLDERS.flatMap((folder) => below(folder, /\.\w+$/)).map((path) => `/${path}`);
const scripts = (JSON.parse(read('package.json')) as { readonly scripts: object }).scripts;

type Page = { readonly path: string; readonly text: string };

/** Every place where a page leads to nothing, a sentence each. */
function deadEnds(page: Page): readonly string[] {
  return [...deadLinks(page), ...deadPaths(page), ...deadScripts(page), ...deadReferences(page)];
}

function deadLinks({ path, text }: Page): readonly string[] {
  const inline = prose(text).matchAll(/\]\(([^)\s]+)\)/g);
  const listed = text.matchAll(/^\[[^\]]+\]: (\S+)$/gm);
  return [...inline, ...listed].flatMap(([, to = '']) => {
    if (/^[a-z]+:/.test(to)) return [];
    const [file = '', anchor] = to.split('#');
    const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file));
    if (!existsSync(join(ROOT, target))) return [`${path} links to ${to}: there is no such file`];
    if (anchor === undefined || anchorsOf(target === path ? text : read(target)).includes(anchor)) return [];
    return [`${path} links to ${to}: there is no such heading`];
  });
}

/** `[text][name]` and `[name]` without a line that says where they lead. */
function deadReferences({ path, text }: Page): readonly string[] {
  const names = new Set([...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name]) => name));
  if (names.size === 0) return [];
  const used = [...prose(text).matchAll(/\[([^[\]]+)\](?:\[([^[\]]+)\])?(?![[(:])/g)].map(
    ([, own, name]) => name ?? own,
  );
  return used
    .filter((name) => !names.has(name))
    .map((name) => `${path} refers to [${name}]: no line says where it leads`);
}

/** What stands in backticks and looks like a file or folder of ours; a file without folders may lie anywhere. */
function deadPaths({ path, text }: Page): readonly string[] {
  return quoted(text).flatMap((words) => {
    const [word = ''] = /^[\w./-]+$/.exec(words) ?? [];
    const [first = ''] = word.split('/');
    const isPath =
      word.includes('/') && !word.startsWith('/') && (FOLDERS.includes(first) || /\.(ts|sql|md)$/.test(word));
    const isFile = /^[\w-]+(\.\w+)*\.(ts|md|sql|patch)$/.test(word);
    if (isPath)
      return existsSync(join(ROOT, word)) || isMade(word) ? [] : [`${path} names ${word}: there is no such file`];
    if (!isFile || existsSync(join(ROOT, word))) return [];
    return TRACKED.some((one) => one.endsWith(`/${word}`)) ? [] : [`${path} names ${word}: there is no such file`];
  });
}

/** Made by a command, not kept. */
function isMade(path: string): boolean {
  return path.startsWith('dist/') || path.startsWith('data/');
}

function deadScripts({ path, text }: Page): readonly string[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)].flatMap(([, name = '']) =>
    Object.hasOwn(scripts, name) ? [] : [`${path} says npm run ${name}: package.json has no such script`],
  );
}

/** Sections that a comment or a page names in words: "docs/xendit.md 2.4", "docs/xendit.md, Declines", "design.md section 5". */
function deadSections({ path, text }: Page): readonly string[] {
  // A citation may go over the end of a line of a comment.
  const flat = text.replaceAll(/\s*\n\s*(?:\*|\/\/|--)?[ \t]*/g, ' ');
  const cited = flat.matchAll(
    /\b(?:docs\/)?([a-z-]+)\.md\)?(?:`\]?)?,? (?:sections? )?(\d+(?:\.\d+)?\b|(?<=, |section )[A-Z][\w-]+)/g,
  );
  return [...cited].flatMap(([words, name = '', section = '']) => {
    const page = `docs/${name}.md`;
    if (!existsSync(join(ROOT, page))) return name === 'README' ? [] : [`${path} cites ${words}: there is no ${page}`];
    return sectionsOf(read(page)).includes(section) ? [] : [`${path} cites ${words}: there is no such section`];
  });
}

/** Papers that are not in this repository. */
function foreignPapers({ path, text }: Page): readonly string[] {
  const [paper] = /\b(?:[\w-]+-facts|api-facts|stack\.md|model\.md|coverage\.md|contract\.md)\b/.exec(text) ?? [];
  return paper === undefined ? [] : [`${path} cites ${paper}: nobody has it`];
}

function deadInvariants({ path, text }: Page): readonly string[] {
  const known = invariants(read('docs/design.md'), /^(\d+)\. \*\*(.+?)\.?\*\*/gm).map(([number]) => number);
  return [...text.matchAll(/\binvariants? (\d+(?:(?:, | and )\d+)*)/gi)]
    .flatMap(([, list = '']) => list.split(/, | and /))
    .filter((number) => !known.includes(number))
    .map((number) => `${path} names invariant ${number}: docs/design.md has none`);
}

function invariants(text: string, line: RegExp): readonly (readonly [string, string])[] {
  return [...text.matchAll(line)].map(([, number = '', words = '']) => [number, words.toLowerCase()] as const);
}

/** Numbers and titles of headings: "2.4 Where the pages differ" is found as "2.4" and by its first word. */
function sectionsOf(text: string): readonly string[] {
  return headings(text).flatMap((heading) => {
    const [, number = '', title = ''] = /^(?:(\d+(?:\.\d+)?)\.? )?(.*)$/.exec(heading) ?? [];
    return [number, title.split(/[ ,:]/)[0] ?? ''];
  });
}

function headings(text: string): readonly string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(text: string): readonly string[] {
  return headings(text).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** A page without its blocks of code. */
function prose(text: string): string {
  return text
    .replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

function quoted(text: string): readonly string[] {
  const outside = text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '');
  return [...outside.matchAll(/`([^`\n]+)`/g)].map(([, words = '']) => words);
}

const load = (path: string): Page => ({ path, text: read(path) });
const pages = PAGES.map(load);
// This file quotes faults.
const code = CODE.filter((path) => path !== 'test/docs.test.ts').map(load);

describe('what pages lead to is there', () => {
  test.each(pages.map((page) => [page.path, page] as const))('%s', (_path, page) => {
    expect([...deadEnds(page), ...deadSections(page), ...foreignPapers(page), ...deadInvariants(page)]).toEqual([]);
  });

  test.each<[string, string]>([
    ['see [the page](gone.md)', 'docs/x.md links to gone.md: there is no such file'],
    ['see [the page](design.md#99-nothing)', 'docs/x.md links to design.md#99-nothing: there is no such heading'],
    ['`src/domain/gone.ts`', 'docs/x.md names src/domain/gone.ts: there is no such file'],
    ['`domain/money.ts`', 'docs/x.md names domain/money.ts: there is no such file'],
    ['`test/gone/`', 'docs/x.md names test/gone/: there is no such file'],
    ['`gone-file.ts`', 'docs/x.md names gone-file.ts: there is no such file'],
    ['`npm run gone`', 'docs/x.md says npm run gone: package.json has no such script'],
    ['[gone] and [there].\n\n[there]: https://example.com', 'docs/x.md refers to [gone]: no line says where it leads'],
  ])('%s is a dead end', (text, fault) => {
    expect(deadEnds({ path: 'docs/x.md', text })).toEqual([fault]);
  });
});

describe('what comments cite is there', () => {
  test('sections of our pages, invariants by number, and no paper that nobody has', () => {
    const faults = code.flatMap((file) => [...deadSections(file), ...foreignPapers(file), ...deadInvariants(file)]);
    expect(faults).toEqual([]);
  });

  test.each([
    '// as Xendit writes it (docs/xendit.md 99.1)',
    '/** Waits (docs/xendit.md,\n * Nowhere). */',
    '/* design.md section 99 */',
    '// docs/gone.md 1',
    '// api-facts 4.2',
    '-- invariant 99',
    '// invariants 4 and 99',
  ])('%s is refused', (text) => {
    const file = { path: 'src/x.ts', text };
    expect([...deadSections(file), ...foreignPapers(file), ...deadInvariants(file)]).toHaveLength(1);
  });
});

const schemaFiles = below(String(drizzleConfig.schema).replace(/\/\*.*$/, ''), /\.ts$/);
const schemas = await Promise.all(schemaFiles.map(async (path) => (await import(join(ROOT, path))) as object));

describe('docs/design.md says what the schema has', () => {
  const design = read('docs/design.md');
  const tables = schemas.flatMap((schema) => Object.values(schema).filter((one) => is(one, PgTable)));

  test('the map has every table, and no other', () => {
    const map = design.slice(design.indexOf('## 13.'));
    const rows = [...map.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(
      ([, names = '']) => names.match(/\w+/g) ?? [],
    );
    expect(rows.toSorted()).toEqual(tables.map((table) => getTableName(table)).toSorted());
  });

  test('the arrows of the map are the foreign keys', () => {
    const keys = tables.flatMap((table) =>
      getTableConfig(table).foreignKeys.map(
        (key) => `${getTableName(table)} --> ${getTableName(key.reference().foreignTable)}`,
      ),
    );
    const arrows = [...design.matchAll(/^ {2}(\w+ --> \w+)$/gm)].map(([, arrow = '']) => arrow);
    expect(arrows.filter((arrow) => keys.includes(arrow)).toSorted()).toEqual(keys.toSorted());
  });

  test.each([
    ['Charge', 'charges_status', []],
    ['Attempt', 'attempts_outcome', ['flight']],
    ['Subscription', 'subscriptions_status', []],
    ['Onboarding', 'onboardings_status', []],
    ['Token', 'tokens_status', []],
    ['Breaker', 'breakers_state', []],
    ['Inbox row', 'inbox_status', []],
  ] as const)('the diagram of %s has the states of %s', (title, name, besides) => {
    const check = tables.flatMap((table) => getTableConfig(table).checks).find((one) => one.name === name);
    const { sql = '' } = check === undefined ? {} : new PgDialect().sqlToQuery(check.value);
    const wanted = [...sql.matchAll(/'(\w+)'/g)].map(([, state]) => state ?? '');
    const [, diagram = ''] = design.split(`### ${title}\n`)[1]?.split('```') ?? [];
    const drawn = [...diagram.matchAll(/^ {2}(\S+) --> (\w+|\[\*\])/gm)].flatMap(([, from = '', to = '']) => [
      from,
      to,
    ]);
    expect([...new Set(drawn)].filter((state) => state !== '[*]').toSorted()).toEqual(
      [...wanted, ...besides].toSorted(),
    );
  });

  test('its rooms are the folders of each floor', () => {
    const told = [...design.matchAll(/^\| (`[\w-]+`(?:, `[\w-]+`)*) \| .+ \| ((?:domain|tables|flows)[\w, ]*) \|$/gm)];
    const rooms = told.flatMap(([, names = '', floors = '']) =>
      floors.split(', ').flatMap((floor) => (names.match(/[\w-]+/g) ?? []).map((name) => `${floor} ${name}`)),
    );
    const floors = { domain: 'src/domain', tables: 'src/infra/tables', flows: 'src/flows' };
    const folders = Object.entries(floors).flatMap(([floor, path]) =>
      readdirSync(join(ROOT, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${floor} ${entry.name}`),
    );
    expect(rooms.toSorted()).toEqual(folders.toSorted());
  });

  test('its invariants are those of the README, by number and name', () => {
    const here = invariants(design, /^(\d+)\. \*\*(.+?)\.?\*\*/gm);
    expect(here).toEqual(invariants(read('README.md'), /^\| (\d+) \| (.+?) \|/gm));
    expect(here).toHaveLength(14);
  });
});
