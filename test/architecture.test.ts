import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { statusWrites } from './support/status-writes.ts';

/*
 * Imports point down only (docs/design.md section 1): domain <- infra <- flows <- entry; the client of Xendit knows nothing of
 * billing, so that others may use it; the sandbox stands alone, so that it cannot agree with our mistakes.
 */

const ROOT = resolve(import.meta.dirname, '..');
const LINES_MAX = 250;

/** What a folder's files may import: prefixes below `src/`, and whether packages and `node:` are allowed. */
type Rule = { readonly may: readonly string[]; readonly packages: boolean };

const RULES: Readonly<Record<string, Rule>> = {
  domain: { may: ['domain/'], packages: false },
  xendit: { may: ['xendit/', 'infra/secrets.ts'], packages: true },
  infra: { may: ['infra/', 'domain/', 'xendit/'], packages: true },
  flows: { may: ['flows/', 'domain/', 'infra/', 'context.ts'], packages: true },
  entry: {
    may: [
      'entry/',
      'flows/',
      'domain/',
      'context.ts',
      'infra/logger.ts',
      'infra/rarely.ts',
      'infra/secrets.ts',
      'xendit/webhooks.ts',
    ],
    packages: true,
  },
  sandbox: { may: ['sandbox/'], packages: true },
};

/** Time and chance are values that are passed in: a rule that asks for them itself cannot be tested, or replayed. */
const UNTOLD = [/\bDate\.now\(/, /\bnew Date\(/, /\bMath\.random\(/, /\bsetTimeout\(/, /\bTemporal\.Now\b/];

/** Where text becomes SQL without being a parameter: names of columns and tables, from lists in these files. */
const SQL_BY_TEXT = [
  'database/apply-migrations',
  'database/buckets',
  'database/db',
  'database/migrate',
  'database/migrations',
  'database/recordset',
  'database/selection',
  'database/pages/snapshots',
  'database/sql',
  'tables/books/findings',
  'tables/change/changes',
  'tables/change/fenced-rows',
  'tables/change/free-rows',
  'tables/charging/charging',
  'tables/control/binding',
  'tables/control/test-clock',
  'tables/schema/heads',
  'tables/subscriptions/new-subscription',
];

/**
 * The rooms of each floor, from the ground up: a file imports from its own room and from those below, never from above nor
 * from beside. The same noun names the same room on every floor.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'domain/': [
    'calendar',
    'declines',
    'money',
    'catalog',
    'methods',
    'charges',
    'disputes',
    'refunds',
    'subscriptions',
    'dunning',
    'books',
    'control',
    'imports',
  ],
  'infra/': [
    'vault',
    'database',
    'tables',
    'embedded-postgres',
    'environment',
    'catalog-file',
    'subscriber-file',
    'gateway',
  ],
  'infra/tables/': [
    'schema',
    'control',
    'access',
    'books',
    'catalog',
    'inbox',
    'methods',
    'change',
    'subscriptions',
    'charges',
    'charging',
    'disputes',
    'refunds',
    'payments',
    'imports',
  ],
  'flows/': [
    'access',
    'catalog',
    'change',
    'control',
    'methods',
    'charges',
    'charging',
    'onboarding',
    'due-date',
    'accounts',
    'refunds',
    'disputes',
    'books',
    'paying',
    'inbox',
    'subscriptions',
    'views',
    'edits',
    'queue',
    'imports',
    'forecast',
    'rescue',
    'time',
  ],
};

/** The constructors of all moves: nobody else writes a status, or an attempt's outcome. */
const MOVES = [
  'src/domain/charges/moves.ts',
  'src/domain/charges/waits.ts',
  'src/domain/charges/return-moves.ts',
  'src/domain/refunds/moves.ts',
  'src/domain/disputes/moves.ts',
  'src/domain/charges/attempt-moves.ts',
  'src/domain/subscriptions/moves.ts',
  'src/domain/methods/onboarding-moves.ts',
  'src/domain/methods/token-moves.ts',
];

/** What is called a status and is none of these: the file, how the text of the write begins, and whose status it is. */
const OTHER_STATUSES: readonly (readonly [file: string, begins: string, of: string])[] = [
  ['src/infra/tables/inbox/inbox.ts', '`insert into inbox', 'a webhook that was received'],
  ['src/infra/tables/inbox/inbox.ts', '{ status, note, processedAt: now', 'a webhook that was dealt with'],
  ['src/infra/tables/access/idempotency-keys.ts', '`with old as (delete from idempotency_keys', 'HTTP'],
  ['src/infra/tables/access/idempotency-keys.ts', '`update idempotency_keys set status', 'HTTP'],
  ['src/domain/books/reconciliation.ts', '{ ...named, createdAt: at, status', "a payment's in Xendit's list"],
  ['src/flows/onboarding/in-turn.ts', "{ kind: 'refused', status: 429", 'HTTP'],
  ['src/flows/onboarding/end-onboarding.ts', '{ session_id: sessionId', 'a line of the log'],
  ['src/flows/time/advance-clock.ts', '{ now: clock.now', 'the test clock'],
  ['src/flows/views/list-charges.ts', '{ currency, status', 'a line of the totals'],
  ['src/flows/views/list-subscriptions.ts', '{ currency, status', 'a line of the totals'],
  ['src/flows/views/pages/subscription-list.ts', '{ ...filter, status', 'what a list is narrowed to'],
];

type SourceFile = { readonly path: string; readonly text: string };

/** Every fault of the files, a sentence each: the file, what it does, and the rule. Paths are relative to the checkout. */
function faultsOf(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [
    ...importFaults(file),
    ...roomFaults(file),
    ...timeFaults(file),
    ...sizeFaults(file),
    ...nameFaults(file),
    ...sqlFaults(file),
    ...secretFaults(file),
    ...childFaults(file),
    ...statusFaults(file),
    ...raceFaults(file),
  ]);
}

function importFaults({ path, text }: SourceFile): readonly string[] {
  const [, folder] = path.split('/');
  const rule = folder === undefined ? undefined : RULES[folder];
  return importsOf(text).flatMap((imported) => {
    const isOurs = imported.startsWith('.');
    const target = isOurs ? relative('src', join(dirname(path), imported)) : imported;
    if (target === 'main.ts') return [`${path} imports ${imported}: nobody imports main.ts`];
    if (rule === undefined) return [];
    if (!isOurs)
      return rule.packages ? [] : [`${path} imports ${imported}: ${folder} imports no package and nothing of Node`];
    if (rule.may.some((allowed) => target === allowed || (allowed.endsWith('/') && target.startsWith(allowed))))
      return [];
    return [`${path} imports ${imported}: ${folder} may import only ${rule.may.join(', ')}`];
  });
}

/** A room that no floor names, and an import of a room above its own. */
function roomFaults({ path, text }: SourceFile): readonly string[] {
  return Object.entries(ROOMS).flatMap(([floor, rooms]) => {
    const roomIn = (file: string) => (file.startsWith(`src/${floor}`) ? file.slice(4 + floor.length).split('/') : []);
    const [room = '', ...within] = roomIn(path);
    if (within.length === 0) return [];
    if (!rooms.includes(room)) return [`${path} is in ${floor}${room}: name the room, and its place, in ROOMS`];
    return importsOf(text).flatMap((imported) => {
      const [other = '', ...file] = imported.startsWith('.') ? roomIn(join(dirname(path), imported)) : [];
      return file.length === 0 || rooms.indexOf(other) <= rooms.indexOf(room)
        ? []
        : [`${path} imports ${imported}: ${floor}${other} lies above ${floor}${room}`];
    });
  });
}

/** What follows `from`, `import` and `import(`; types too, since a type that points up is a noun in the wrong folder. */
function importsOf(text: string): readonly string[] {
  const found = text.matchAll(/\bfrom\s*['"]([^'"\n]+)['"]|\bimport\s*\(?\s*['"]([^'"\n]+)['"]/g);
  return [...found].map(([, from, called]) => from ?? called ?? '');
}

function timeFaults({ path, text }: SourceFile): readonly string[] {
  if (!/^src\/(domain|flows)\//.test(path)) return [];
  return UNTOLD.flatMap((pattern) => {
    const [call] = pattern.exec(text) ?? [];
    return call === undefined
      ? []
      : [`${path} says ${call}: time and chance are passed into domain and flows as values`];
  });
}

function sizeFaults({ path, text }: SourceFile): readonly string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > LINES_MAX ? [`${path} has ${lines} lines: above ${LINES_MAX} it holds two nouns, so split it`] : [];
}

function nameFaults({ path }: SourceFile): readonly string[] {
  const [word] = /helper|util|manager|service/i.exec(path) ?? [];
  return word === undefined ? [] : [`${path} is called "${word}": name the noun it is about`];
}

/** Comparisons that end at the first wrong letter, and so tell by their time how much of a secret was right. */
const LEAKY = [
  /(?<!typeof )\b\w*(?:token|secret|password|apikey|callback|given|expected)\w*\s*[!=]==?(?!=)(?!\s*(?:null|undefined)\b)/i,
  /[!=]==?\s*\w*(?:token|secret|password|apikey|callback|given|expected)\w*\b/i,
  /\b\w*(?:tokens|secrets|keys)\.(?:includes|indexOf|has)\(/i,
];

/** Where callers prove who they are, secrets are compared by `sameSecret` or by the hash that the database looks up. */
function secretFaults({ path, text }: SourceFile): readonly string[] {
  if (!/^src\/(entry\/http|flows\/access)\//.test(path)) return [];
  const comparison = LEAKY.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined);
  return comparison === undefined ? [] : [`${path} says ${comparison.trim()}: compare secrets with sameSecret`];
}

/** Our environment holds secrets, and a child that is told of none inherits it whole: each start of one passes its own. */
function childFaults({ path, text }: SourceFile): readonly string[] {
  if (!/['"](?:node:)?child_process['"]/.test(text)) return [];
  const starts = text.match(/\b(?:spawn|spawnSync|exec|execSync|execFile|execFileSync|fork)\(/g)?.length ?? 0;
  const told = text.match(/\benv: childEnvironment\(\)/g)?.length ?? 0;
  return told < starts
    ? [`${path} starts ${starts} child processes and passes ${told} of them env: childEnvironment()`]
    : [];
}

/** Who loses a race is told by these alone: one change by rounds, many each by itself, and a method's rows by rounds of all. */
const APPLYING = ['change/until-applied', 'change/apply-each', 'methods/end-method', 'methods/revive-method'];

function raceFaults({ path, text }: SourceFile): readonly string[] {
  if (!path.startsWith('src/flows/') || APPLYING.some((name) => path === `src/flows/${name}.ts`)) return [];
  return text.includes('applyChanges(')
    ? [`${path} calls applyChanges itself: untilApplied or applyEach says what follows when somebody else was faster`]
    : [];
}

/** Only columns may be said beside the moves (`src/infra/tables/schema/`), and what is the status of something else. */
function statusFaults({ path, text }: SourceFile): readonly string[] {
  if (!/^src\/(domain|flows|infra\/tables)\//.test(path)) return [];
  if (MOVES.includes(path) || path.startsWith('src/infra/tables/schema/')) return [];
  const writes = statusWrites(path, text).filter(
    (write) => !OTHER_STATUSES.some(([file, begins]) => file === path && write.text.startsWith(begins)),
  );
  return writes.map(
    (write) =>
      `${path}:${write.line} writes a status (${write.text}): a move in src/domain writes it, and flows call that`,
  );
}

function sqlFaults({ path, text }: SourceFile): readonly string[] {
  return [...textFaults({ path, text }), ...drizzleFaults({ path, text })];
}

/** Statements are made of our `sql`; drizzle's makes fragments for its builders, and the schema. */
function drizzleFaults({ path, text }: SourceFile): readonly string[] {
  if (!path.startsWith('src/infra/') || path.startsWith('src/infra/tables/schema/')) return [];
  return /\{[^}]*\bsql\b(?! as fragment)[^}]*\} from 'drizzle-orm'/.test(text)
    ? [`${path} imports drizzle's sql: statements are made of the one in src/infra/database/sql.ts`]
    : [];
}

function textFaults({ path, text }: SourceFile): readonly string[] {
  if (SQL_BY_TEXT.some((name) => path === `src/infra/${name}.ts`)) return [];
  const [call] = /\bsql\.raw\(|\.unsafe\(|\bnew Sql\(/.exec(text) ?? [];
  return call === undefined
    ? []
    : [`${path} says ${call}...): values are parameters, and names of columns come from few files`];
}

/** What is loaded before a command runs: the files that `src/main.ts` reaches by plain imports, and the packages these name. */
function loadedAtOnce(): readonly string[] {
  const texts = new Map(sources().map(({ path, text }) => [path, text]));
  const loaded = new Set(['src/main.ts']);
  for (const path of loaded) {
    const plain = (texts.get(path) ?? '').matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\bfrom\s+)?['"]([^'"\n]+)['"]/gm,
    );
    for (const [, from = ''] of plain) loaded.add(from.startsWith('.') ? join(dirname(path), from) : from);
  }
  return [...loaded];
}

function sources(): readonly SourceFile[] {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return names.map((name) => ({ path: `src/${name}`, text: readFileSync(join(ROOT, 'src', name), 'utf8') }));
}

describe('the house', () => {
  test('imports point down, files are small and named for what they are, time is told', () => {
    expect(faultsOf(sources())).toEqual([]);
  });

  test('has its help ready at once: nothing of the database, of schemas or of the log is loaded before a command runs', () => {
    const loaded = loadedAtOnce();
    expect(loaded).toContain('src/entry/cli/commands/start.ts');
    expect(loaded.filter((path) => /^src\/(infra|flows|sandbox|wire)/.test(path))).toEqual([]);
    expect(loaded.filter((path) => !/^(src\/|node:|\.\.\/)/.test(path) && path !== 'package.json')).toEqual([
      'commander',
    ]);
  });

  test.each(OTHER_STATUSES)('%s writes %s, the status of something else: %s', (file, begins) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(statusWrites(file, text).map((write) => write.text)).toContainEqual(expect.stringContaining(begins));
  });

  test('is looked at as a whole', () => {
    const folders = new Set(sources().map(({ path }) => path.split('/')[1]));
    expect([...folders]).toEqual(expect.arrayContaining(['domain', 'xendit', 'infra', 'flows', 'sandbox']));
  });

  test.for<[string, string, string]>([
    ['src/domain/money/money.ts', "import { sql } from 'drizzle-orm';", 'domain imports no package'],
    ['src/domain/money/money.ts', "import { readFileSync } from 'node:fs';", 'domain imports no package'],
    [
      'src/domain/money/money.ts',
      "import type { Log } from '../../infra/logger.ts';",
      'domain may import only domain/',
    ],
    ['src/xendit/x.ts', "import { money } from '../domain/money/money.ts';", 'xendit may import only'],
    ['src/xendit/x.ts', "import type { Gateway } from '../infra/gateway/gateway.ts';", 'xendit may import only'],
    ['src/flows/refunds/x.ts', "import { xendit } from '../../xendit/xendit.ts';", 'flows may import only'],
    ['src/infra/clock.ts', "export { x } from '../flows/due-date/on-due-date.ts';", 'infra may import only'],
    ['src/infra/clock.ts', "import type { Context } from '../context.ts';", 'infra may import only'],
    ['src/flows/charges/x.ts', "const { y } = await import('../../entry/cli/y.ts');", 'flows may import only'],
    ['src/entry/cli/x.ts', "import { openDatabase } from '../../infra/database/db.ts';", 'entry may import only'],
    ['src/entry/cli/x.ts', "import '../../main.ts';", 'nobody imports main.ts'],
    ['src/sandbox/x.ts', "import { money } from '../domain/money/money.ts';", 'sandbox may import only'],
    ['src/flows/x.ts', 'const late = new Date();', 'time and chance are passed'],
    ['src/domain/x.ts', 'const id = Math.random();', 'time and chance are passed'],
    ['src/entry/http/x.ts', 'if (token === expected) return true;', 'compare secrets with sameSecret'],
    ['src/entry/http/x.ts', 'return expected !== callbackToken;', 'compare secrets with sameSecret'],
    [
      'src/entry/http/x.ts',
      'if (options.webhookTokens.includes(given)) return true;',
      'compare secrets with sameSecret',
    ],
    ['src/entry/http/guard/access.ts', 'return given === wanted;', 'compare secrets with sameSecret'],
    ['src/flows/access/x.ts', "if (row.secret == 'x') return row;", 'compare secrets with sameSecret'],
    ['src/flows/x.ts', 'db.run(sql.raw(input.order))', 'values are parameters'],
    ['src/infra/database/x.ts', 'client.unsafe(`select ${id}`)', 'values are parameters'],
    ['src/flows/x.ts', 'db.run(new Sql([input.order], []))', 'values are parameters'],
    ['src/infra/tables/books/x.ts', "import { and, sql } from 'drizzle-orm';", "imports drizzle's sql"],
    ['src/infra/x.ts', "import { spawn } from 'node:child_process';\nspawn('id', []);", 'starts 1 child processes'],
    ['src/flows/charges/x.ts', "import { y } from '../due-date/y.ts';", 'flows/due-date lies above flows/charges'],
    ['src/domain/money/x.ts', "import { y } from '../charges/y.ts';", 'domain/charges lies above domain/money'],
    ['src/infra/tables/change/x.ts', "import { y } from '../charges/y.ts';", 'lies above infra/tables/change'],
    ['src/flows/charges/x.ts', "const after = { ...charge, status: 'void' };", 'writes a status'],
    ['src/flows/charges/x.ts', "const status = 'paid' as const;\nsave({ ...charge, status });", 'writes a status'],
    ['src/flows/charges/x.ts', "const after = { ...charge, ['status']: 'void' };", 'writes a status'],
    ['src/flows/charges/x.ts', "charge.status = 'void';", 'writes a status'],
    ['src/flows/charges/x.ts', "const after = { ...attempt, outcome: 'declined', outcomeAt: now };", 'writes a status'],
    ['src/domain/dunning/x.ts', "export const left = { ...subscription, status: 'ended' };", 'writes a status'],
    ['src/infra/tables/charges/x.ts', "db.update(charges).set({ status: 'held' });", 'writes a status'],
    [
      'src/infra/tables/charges/x.ts',
      "run(sql`update charges c set note = null, status = 'void' from x`);",
      'writes a',
    ],
    [
      'src/infra/tables/charges/x.ts',
      'run(sql`insert into charges (bucket, id, status) select 1`);',
      'writes a status',
    ],
    ['src/flows/charges/x.ts', 'await applyChanges(ctx.db, ctx.buckets, [change]);', 'untilApplied or applyEach'],
    ['src/flows/drawer/x.ts', '', 'name the room, and its place'],
    ['src/infra/date-utils.ts', '', 'name the noun'],
    ['src/infra/long.ts', 'x\n'.repeat(251), 'has 251 lines'],
  ])('%s: %s is a fault', ([path, text, rule]) => {
    expect(faultsOf([{ path, text }])).toEqual([expect.stringContaining(rule)]);
  });

  test.for<[string, string]>([
    [
      'src/entry/http/x.ts',
      "import type { Context } from '../../context.ts';\nimport type { Log } from '../../infra/logger.ts';",
    ],
    ['src/flows/charges/x.ts', "import { y } from '../../infra/database/y.ts';\nimport pMap from 'p-map';"],
    ['src/wire/wire.ts', "import { x } from './entry/x.ts';"],
    ['src/flows/views/x.ts', 'type View = { readonly status: string };\nconst view = { status: charge.status };'],
    ['src/flows/charges/x.ts', "const due = charges.filter(({ status }) => status === 'due');"],
    ['src/infra/tables/charges/x.ts', "run(sql`update charges c set note = null where c.status = 'due'`);"],
    ['src/entry/http/x.ts', "if (typeof token === 'string' && secret !== null) return sameSecret(token, secret);"],
  ])('%s may import what its rule allows', ([path, text]) => {
    expect(faultsOf([{ path, text }])).toEqual([]);
  });
});
