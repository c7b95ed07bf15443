import { readdirSync, readFileSync } from 'node:fs';
import { getTableColumns } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { describe, expect, test } from 'vitest';
import { applyChanges, type Change } from '../src/infra/tables/change/changes.ts';
import type { ApplyOptions } from '../src/infra/tables/change/moves.ts';
import * as dossiers from '../src/infra/tables/schema/books.ts';
import * as catalog from '../src/infra/tables/schema/catalog.ts';
import * as charges from '../src/infra/tables/schema/charges.ts';
import * as consents from '../src/infra/tables/schema/consents.ts';
import * as disputes from '../src/infra/tables/schema/disputes/disputes.ts';
import * as imports from '../src/infra/tables/schema/imports/imports.ts';
import * as inbox from '../src/infra/tables/schema/inbox.ts';
import * as items from '../src/infra/tables/schema/items.ts';
import * as ledger from '../src/infra/tables/schema/ledger.ts';
import * as methods from '../src/infra/tables/schema/methods.ts';
import * as payments from '../src/infra/tables/schema/payments/payments.ts';
import * as refunds from '../src/infra/tables/schema/refunds/refunds.ts';
import * as subscriptions from '../src/infra/tables/schema/subscriptions.ts';
import * as terms from '../src/infra/tables/schema/terms.ts';
import { insertSubscription } from '../src/infra/tables/subscriptions/new-subscription.ts';
import { asOurs, builderTexts, calledBuilders, functionsWithBuilders } from './support/builder-texts.ts';
import { claim, claiming, opening, saving, sentFor, settlement } from './support/change-texts.ts';
import { type StatementText, statementTexts, textsIn } from './support/statement-texts.ts';

/*
 * What a distributed Postgres (Citus) asks of statements, docs/design.md section 12, read from the texts in src/infra/tables. A
 * Citus is not at hand here; each rule was found on one.
 */

const configs = [
  dossiers,
  charges,
  catalog,
  consents,
  imports,
  inbox,
  items,
  ledger,
  methods,
  disputes,
  payments,
  refunds,
  subscriptions,
  terms,
]
  .flatMap((file) => Object.values<unknown>(file))
  .filter((one) => typeof one === 'object' && one !== null && 'bucket' in one)
  .map((one) => getTableConfig(one as typeof charges.charges));
const tables = configs.map(({ name }) => name);
const OF_CUSTOMERS = tables.join('|');
const OF_THE_HOUSE = 'breakers|charging|spending|pace|sweep';

/** What looks at every bucket, and why it may: nobody's charge waits for it. */
const EVERY_BUCKET: Readonly<Record<string, string>> = {
  chainPage: 'verifying reads the whole ledger, page by page',
  withoutEntries: 'verifying reads all subscriptions',
  toldFindings: 'the queue has what waits for a person of all customers',
  findingCounts: 'the queue has what waits for a person of all customers',
  heldCounts: 'the queue has what waits for a person of all customers',
  heldSince: 'the queue has what waits for a person of all customers',
  owedOfPlans: 'the queue has what waits for a person of all customers',
  chargePage: 'a list has charges of all customers',
  chargeIds: 'a list has charges of all customers',
  nearestDue: 'a list has charges of all customers',
  stateTotals: 'a list counts what there is of all customers',
  stateOfRow: 'a part of a list, in the bucket of its charge',
  PARTS: 'a part of a list, in the bucket of its charge',
  chargeTotals: 'a list counts what there is of all customers',
  chargeCount: 'a list counts what there is of all customers',
  lastTried: 'a part of these, in the bucket of its charge',
  firstTried: 'a part of these, in the bucket of its charge',
  firstDecline: 'a part of these, in the bucket of its charge',
  declinedGroups: 'what people see of all charges of some days',
  dueDays: 'what people see of all charges of some days',
  dayCauses: 'what people see of all charges of some days',
  firstTries: 'what people see of all charges of some days',
  openedCharges: 'what people see of all charges of a day',
  plannedAttempts: 'what people see of all charges to come',
  nextCycles: 'what people see of all charges to come',
  houseFigures: 'a figure of the whole installation',
  isAboutOne: 'a part of a list that says its buckets, in the bucket of its entry',
  chargesPaidBy: "Xendit's id of a payment names nothing that tells the bucket",
  livePage: 'a forecast reads the whole book, page by page',
  firstAttempts: 'a forecast reads what became of all charges of a week',
  wasPaid: 'a list by the day of payment reads the ledger by time',
  backlog: 'a figure of the whole installation',
  standing: 'a figure of the whole installation',
  oldestInLine: 'a figure of the whole installation',
  withoutNotice: 'whom a higher price waits for is looked for in the whole book',
  toReprice: 'a repricing is drafted on the whole book',
  goOn: 'whoever of a repricing is tried again',
  setApart: 'what people see of a repricing',
  endRepricing: 'whether anybody of a repricing waits',
  itemCounts: 'what people see of a repricing',
  repricedPage: 'what people see of a repricing',
  owes: 'a part of these, and of one that says its buckets',
  countWithoutNotice: 'a figure of the whole installation',
  whyNotEmpty: 'whether a book has anything in it, before one is made up',
  priceCounts: 'what people see of the plans',
  holding: 'an edit of the catalog is judged on the whole book',
  liveGroups: 'an edit of the catalog is judged on the whole book',
  attemptsInFlight: 'a figure of the whole installation',
  writeSign: 'a figure of the whole installation, once a minute',
  standingsColumn: 'whether any charge waits for a channel',
  busyAccounts: 'whether any charge waits for a channel, beside what is narrowed',
  nextDue: 'whether any charge waits for a channel, beside what is narrowed',
  channelRows: 'what people see of the channels',
  isSavedIn: 'what people see of a channel',
  dueOver: 'what people see of a channel',
  onboardingBySession: 'a webhook names a session, and nothing that tells the bucket',
  tokenDossiers: 'a webhook names a payment token, and nothing that tells the bucket',
  paidThrough: 'what people see of a channel',
  expiringInUse: 'what people see of all customers',
  requestsToMark: 'sealing anew goes through whole tables',
  opensTokensOf: 'a row of any bucket is tried with a key',
  resealTokens: 'sealing anew goes through whole tables',
  resealInbox: 'sealing anew goes through whole tables',
  waitingForSwitch: 'what people see of all customers',
  disputesKnownAs: "Xendit's id of a dispute names nothing that tells the bucket",
  disputePage: 'what people see of all customers',
  refundsKnownAs: "Xendit's id of a refund names nothing that tells the bucket",
  refundPage: 'what people see of all customers',
  refundTotals: 'what people see of all customers',
  refundsWaiting: 'what waits for a person, of all customers',
  countWaiting: 'what waits for a person, of all customers',
  markRequests: 'sealing anew goes through whole tables',
};

type Named = { readonly verb: string; readonly table: string; readonly alias: string };

/** Tables of customers that a text names, each with what it is called there. */
function named(text: string): readonly Named[] {
  const found = text.matchAll(
    new RegExp(
      `\\b(from|join|update)\\s+(${OF_CUSTOMERS})\\b(?:\\s+as)?(?:\\s+(?!(?:where|set|order|limit|join|on|for|group|union)\\b)(\\w+))?`,
      'g',
    ),
  );
  return [...found].map(([, verb = '', table = '', alias]) => ({ verb, table, alias: alias ?? table }));
}

/** Rule 2: each table of customers says which buckets, itself or by equality with one that says a single bucket. */
function bucketFaults({ file, inside, text }: StatementText): readonly string[] {
  if (inside in EVERY_BUCKET) return [];
  const isOfOne = /\b\w*\.?bucket = \$\{(?!.*any)/.test(text) || /\(bucket, id\) = /.test(text);
  return named(text).flatMap(({ table, alias }) => {
    const isNarrowed = new RegExp(
      `(?:within|anyOf)\\('${alias}'|${alias === 'c' ? 'is(?:Due|Waiting)\\(|' : ''}alongside\\((?:db\\.)?groups, '${alias}'|\\b${alias}\\.bucket = (?:\\$\\{|any\\(\\$)|\\(${alias}\\.bucket, [^)]*\\) in \\(select`,
    ).test(text);
    const follows =
      isOfOne && new RegExp(`\\b${alias}\\.bucket = |= ${alias}\\.bucket\\b|\\bbucket = \\$\\{`).test(text);
    return isNarrowed || follows ? [] : [`${file}: ${inside} reads ${table} ${alias} in every bucket`];
  });
}

/** The same of a text as it is sent: a table says its buckets by parameters, or by equality with one that does. */
function sentBucketFaults({ file, inside, text }: StatementText): readonly string[] {
  if (inside in EVERY_BUCKET) return [];
  const all = [...new Set(named(text).map(({ alias }) => alias))];
  const says = (alias: string) =>
    new RegExp(`\\b${alias}\\.bucket (?:= \\$|= any\\(\\$|in \\(\\$)|\\(${alias}\\.bucket, `).test(text);
  const narrowed = new Set(all.filter(says));
  for (const one of narrowed)
    for (const other of all)
      if (new RegExp(`\\b(?:${one}\\.bucket = ${other}|${other}\\.bucket = ${one})\\.bucket\\b`).test(text))
        narrowed.add(other);
  return all
    .filter((alias) => !narrowed.has(alias))
    .map((alias) => `${file}: ${inside} reads ${alias} in every bucket`);
}

/** All rules for statements as they are sent. */
function sentFaults(texts: readonly StatementText[]): readonly string[] {
  return texts.flatMap((one) => [...sentBucketFaults(one), ...lockFaults(one), ...updateFaults(one)]);
}

/** The selects that lock, each as text, and whether a CTE is that select itself. */
function locking(text: string): readonly { readonly select: string; readonly isPart: boolean }[] {
  return [...text.matchAll(/\bfor (?:no key update|update|share)\b/g)].map(({ index }) => {
    let [at, depth] = [index, 0];
    while (at > 0 && depth <= 0) {
      at -= 1;
      if (text[at] === ')') depth -= 1;
      if (text[at] === '(') depth += 1;
    }
    const isPart = /\bas (?:materialized )?$/.test(text.slice(0, at));
    return { select: text.slice(at + 1, index), isPart };
  });
}

/** Rule 8: a CTE whose own select locks joins tables of customers only. Rule 10: it reads no table of the house. */
function lockFaults({ file, inside, text }: StatementText): readonly string[] {
  return locking(text).flatMap(({ select, isPart }) => {
    if (named(select).length === 0) return [];
    const strangers = [...select.matchAll(/\bjoin\s+(\S+)/g)].filter(
      ([, table = '']) => !new RegExp(`^(?:${OF_CUSTOMERS})$`).test(table),
    );
    return [
      ...(isPart && strangers.length > 0 ? [`${file}: ${inside} locks in a CTE that joins ${strangers[0]?.[1]}`] : []),
      ...(new RegExp(`\\b(?:from|join)\\s+(?:${OF_THE_HOUSE})\\b`).test(select)
        ? [`${file}: ${inside} reads a table of the house where it locks`]
        : []),
    ];
  });
}

/** Expressions and not functions, whatever their look. */
const EXPRESSIONS = /^(?:greatest|least|max|coalesce|nullif|case|any|all|in|and|or|not|select)$/;

/** Rule 4: an UPDATE of a table of customers calls no function over a column, nor adds a time to one. */
function updateFaults({ file, inside, text }: StatementText): readonly string[] {
  const updates = text.matchAll(
    new RegExp(`\\bupdate\\s+(?:${OF_CUSTOMERS})\\s+\\w+\\s+set\\s+(.*?)\\s(?:from|where)\\s`, 'gs'),
  );
  return [...updates].flatMap(([, set = '']) => {
    const calls = [...set.matchAll(/\b(\w+)\(([^()]*\b[a-z]\w*\.[a-z_]+[^()]*)\)/g)].filter(
      ([, name = '']) => !EXPRESSIONS.test(name),
    );
    const isAdded = /\b[a-z]\w*\.[a-z_]+[^,]*\binterval\b|\binterval\b[^,]*\b[a-z]\w*\.[a-z_]+/.test(set);
    return calls.length > 0 || isAdded
      ? [`${file}: ${inside} computes over a column in an UPDATE: ${calls[0]?.[0] ?? 'an interval'}`]
      : [];
  });
}

/** A function may put its statement together of several texts: a condition in one of them narrows a table of another. */
function ofWholeFunctions(texts: readonly StatementText[]): readonly StatementText[] {
  const grouped = Object.groupBy(texts, ({ file, inside }) => `${file} ${inside}`);
  return Object.values(grouped).flatMap((some = []) => {
    const [first] = some;
    return first === undefined ? [] : [{ ...first, text: some.map(({ text }) => text).join('\n') }];
  });
}

function faultsOf(texts: readonly StatementText[]): readonly string[] {
  const narrowing = ofWholeFunctions(texts).flatMap(bucketFaults);
  const others = texts.flatMap((one) => [
    ...lockFaults(one),
    ...updateFaults(one),
    ...(/\bwith recursive\b/.test(one.text) ? [`${one.file}: ${one.inside} is recursive`] : []),
  ]);
  return [...narrowing, ...others];
}

/** Rule 9: a row is written after the row that its foreign key points to. */
function orderFaults(text: string): readonly string[] {
  const writes = [...text.matchAll(/\b(?:insert into|update) "?(\w+)/g)].map(([, table = '']) => table);
  return configs.flatMap(({ name, foreignKeys }) =>
    foreignKeys.flatMap((key) => {
      const parent = getTableConfig(key.reference().foreignTable).name;
      const inserted = text.indexOf(`insert into ${parent} `);
      return inserted > -1 && writes.includes(name) && firstWrite(text, name) < inserted
        ? [`${name} is written before ${parent}, which it points to`]
        : [];
    }),
  );
}

function firstWrite(text: string, table: string): number {
  return text.search(new RegExp(`\\b(?:insert into|update) ${table}\\b`));
}

const halves = [0, 1].map((rest) => Array.from({ length: 256 }, (_, bucket) => bucket).filter((n) => n % 2 === rest));
const row = { bucket: 7, id: 'row', referenceId: 'order-1', xenditId: null };

describe('statements for a distributed Postgres', () => {
  test('name the bucket of every table of customers, lock in sub-selects, and compute nothing in an UPDATE', () => {
    expect(faultsOf(statementTexts())).toEqual([]);
  });

  test.each<[string, Change, ApplyOptions]>([
    ['a claim', claim, claiming],
    ['a settlement', settlement, {}],
    ['a saved method', saving, {}],
    ['an opening', opening, {}],
  ])(
    'keep these rules when %s is put together, and what is pointed to comes first',
    async (inside, change, options) => {
      const text = await sentFor((db, buckets) => applyChanges(db, buckets, [change], options), halves);
      expect(faultsOf([{ file: 'change', inside, text }])).toEqual([]);
      expect(text).toMatch(/s\.bucket = any\(/);
      expect(orderFaults(text)).toEqual([]);
    },
  );

  test('of builders are all called here, and keep these rules as they are sent', async () => {
    expect(calledBuilders.toSorted()).toEqual(functionsWithBuilders().toSorted());
    const texts = await builderTexts(halves[0] ?? [], halves);
    expect([...new Set(texts.map(({ inside }) => inside)), 'dossiers'].toSorted()).toEqual(calledBuilders.toSorted());
    expect(sentFaults(texts)).toEqual([]);
  });

  test('write what is pointed to first when a subscription is stored', async () => {
    const withMethod = {
      token: { ...row, tokenId: 'pt-1' },
      ranked: row,
      openedCharges: [row],
      trials: ['a/customer/1'],
    };
    for (const begins of [{ onboarding: row }, withMethod]) {
      const made = {
        subscription: row,
        customer: row,
        newCustomer: true,
        begins,
        items: [row],
        use: null,
        entries: [],
      };
      const text = await sentFor((db) => insertSubscription(db, made as never));
      expect(text).toContain('insert into customers');
      expect(orderFaults(text)).toEqual([]);
    }
  });

  test.each<[string, string]>([
    [
      "sql`select 1 from charges c join tokens t on t.bucket = c.bucket where ${within('c', buckets)}`",
      'reads tokens t in every bucket',
    ],
    ['sql`update attempts a set asks = 1 where a.id = ${id}`', 'reads attempts a in every bucket'],
    [
      "sql`with l as (select s.id from subscriptions s join i on i.id = s.id where ${within('s', b)} for update of s) select 1`",
      'locks in a CTE',
    ],
    [
      "sql`with l as (select f.id from (select s.id from subscriptions s, charging where ${within('s', b)} and exists (select from charging) for update of s) f) select 1`",
      'table of the house',
    ],
    [
      "sql`update customers c set spent = c.spent || jsonb_build_object(c.id, 1) where ${within('c', b)}`",
      'computes over a column',
    ],
    [
      "sql`update attempts a set next_check_at = a.sent_at + interval '1 day' where ${within('a', b)}`",
      'computes over a column',
    ],
    ['sql`with recursive k as (select 1) select 1`', 'is recursive'],
  ])('%s is a fault', (source, fault) => {
    expect(faultsOf(textsIn('x.ts', source))).toEqual([expect.stringContaining(fault)]);
  });

  test.each<[string, string]>([
    [
      'select "tokens"."id" from "tokens" inner join "subscriptions" on "subscriptions"."token_id" = "tokens"."id" where "tokens"."bucket" = $1',
      'reads subscriptions in every bucket',
    ],
    ['update "attempts" set "asks" = $1 where "attempts"."id" = $2', 'reads attempts in every bucket'],
    [
      'select 1 from "charges" left join "tokens" on "tokens"."bucket" = "charges"."bucket" where "charges"."id" = $1',
      'reads charges in every bucket',
    ],
    [
      'with l as (select "charges"."id" from "charges" inner join "n" on "n"."id" = "charges"."id" where "charges"."bucket" = $1 for update) select 1',
      'locks in a CTE',
    ],
    [
      'update "customers" set "spent" = jsonb_build_object("customers"."id", $1) where "customers"."bucket" = $2',
      'computes over a column',
    ],
    [
      `update "attempts" set "next_check_at" = "attempts"."sent_at" + interval '1 day' where "attempts"."bucket" = $1`,
      'computes over a column',
    ],
  ])('%s is a fault of a builder', (text, fault) => {
    const faults = sentFaults([{ file: 'x.ts', inside: 'x', text: asOurs(text) }]);
    expect(faults).toContainEqual(expect.stringContaining(fault));
  });

  test('are all read: there are tables of customers, and many texts', () => {
    const schema = new URL('../src/infra/tables/schema/', import.meta.url);
    const declared = readdirSync(schema, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(new URL(file, schema), 'utf8').split('pgTable(').slice(1))
      .filter((text) => /^\s*'\w+',\s*\{\s*(?:\/\*\*.*?\*\/\s*)?\.\.\.(?:inBucket|ofCustomer|withId)\(\)/s.test(text))
      .flatMap((text) => /'(\w+)'/.exec(text)?.[1] ?? []);
    expect(tables.toSorted()).toEqual(declared.toSorted());
    expect(Object.keys(getTableColumns(charges.charges))).toContain('bucket');
    expect(statementTexts().length).toBeGreaterThan(100);
  });
});
