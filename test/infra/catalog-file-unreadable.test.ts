import { describe, expect, test } from 'vitest';
import { catalogOf, DEFAULTS, linesOf, PLAN, PLANS, withDefault, withPlan } from '../support/catalog-texts.ts';

describe('a file that is no catalog is answered too', () => {
  const block = 'must be a block of "key: value" lines';
  test.each<[string, string, readonly string[]]>([
    ['empty', '', ['c:1:1 catalog.yaml is empty; a catalog has defaults, plans and dunning']],
    ['only comments', '# later\n', ['c:1:1 catalog.yaml is empty; a catalog has defaults, plans and dunning']],
    ['a list', '- 1\n', [`c:1:1 ${block}`]],
    ['prose', 'Dear all\n', [`c:1:1 ${block}`]],
    [
      'no defaults',
      PLANS,
      ['c:1:1 defaults: is missing', 'c:2:3 plans.a.country: is missing: give it here, or to all plans under defaults'],
    ],
    ['no plans', DEFAULTS, ['c:1:1 plans: is missing']],
    ['no plan', `${DEFAULTS}plans: {}\n`, ['c:2:8 plans: must have at least one plan']],
    [
      'a plan that is empty',
      `${DEFAULTS}plans:\n  a:\n`,
      ['c:3:3 plans.a: is empty: give a value, or remove the line'],
    ],
    ['no price', `${DEFAULTS}plans:\n  a: { name: A, interval: 1 month }\n`, ['c:3:3 plans.a.price: is missing']],
    [
      'a plan id with capitals',
      `${DEFAULTS}plans:\n  Pro: { ${PLAN} }\n`,
      ['c:3:3 plans.Pro: must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit'],
    ],
    ['a tab', `defaults:\n\tcountry: ID\n${PLANS}`, ['c:2:1 begins with a tab, but YAML indents with blanks alone']],
    [
      'a tab in the middle, and what the parser makes of the rest',
      `${DEFAULTS}plans:\n  a:\n\t\tname: A\n    price: { amount: 1, currency: IDR }\n`,
      ['c:4:1 begins with a tab, but YAML indents with blanks alone'],
    ],
    [
      'a colon that is missing behind a key',
      `${DEFAULTS}plans:\n  a\n    name: A\n    interval: 1 month\n`,
      ['c:3:3 has no colon with a blank behind its key, as in "country: ID"'],
    ],
    [
      'a blank that is missing behind a colon',
      `defaults:\n  country:ID\n  time_zone: Asia/Jakarta\n${PLANS}`,
      ['c:2:3 has no colon with a blank behind its key, as in "country: ID"'],
    ],
    [
      'a colon that is missing before a block',
      `${DEFAULTS}plans:\n  a:\n    price { amount: 1, currency: IDR }\n    interval: 1 month\n  b: { name: B }\n`,
      ['c:4:21 is no "key: value": a colon is missing, or is one too many'],
    ],
    ['a quote that is not closed', `${DEFAULTS}plans:\n  a:\n    name: "A\n`, ['c:5:1 Missing closing "quote']],
    [
      'two documents',
      `${DEFAULTS}${PLANS}---\n${DEFAULTS}`,
      ['c:4:1 begins a second document, but a catalog is one: remove the line ---'],
    ],
    ['YAML 1.1', `%YAML 1.1\n---\n${DEFAULTS}${PLANS}`, ['c:1:1 is written as YAML 1.1, but must be YAML 1.2']],
    ['a NUL', `${DEFAULTS}${PLANS}# \0\n`, ['c:4:3 has a NUL character']],
    [
      'an alias of nothing',
      `${DEFAULTS}plans:\n  a: *base\n`,
      ['c:3:6 plans.a: uses *base, but nothing above is marked &base'],
    ],
    [
      'an alias of itself',
      `${DEFAULTS}plans: &all\n  a: *all\n`,
      [
        'c:3:3 plans.a.name: is missing',
        'c:3:3 plans.a.price: is missing',
        'c:3:3 plans.a.interval: is missing',
        'c:3:3 plans.a.a: is not known here',
      ],
    ],
    ['a key that is a list', `${DEFAULTS}${PLANS}? [a]\n: 1\n`, ['c:4:3 ?: must be a plain name']],
    ['a prototype', `${DEFAULTS}${PLANS}__proto__: {}\n`, ['c:4:1 __proto__: is not known here']],
  ])('%s', (_, source, lines) => {
    expect(linesOf(source)).toEqual(lines);
  });

  test('too large', () => {
    expect(linesOf('#'.repeat(1024 * 1024 + 1))).toEqual([
      'c:1:1 catalog.yaml has 1048577 bytes; a catalog has at most 1048576',
    ]);
    expect(linesOf(`${DEFAULTS}${PLANS}#${' '.repeat(1024 * 1024 - 200)}`)).toEqual([]);
  });

  test('nested deeper than a stack', () => {
    expect(linesOf('['.repeat(100_000)).at(-1)).toMatch(/^c:1:\d+ is nested too deeply$/);
  });

  test('a few lines that unfold to billions', () => {
    const levels = Array.from('bcdefghij').map(
      (level, i) => `${level}: &${level} [${`*${'abcdefghij'[i]},`.repeat(10)}]`,
    );
    expect(linesOf(`a: &a [x]\n${levels.join('\n')}`)).toContain('c:1:1 uses aliases more than 1000 times over');
  });
});

describe('every fault is told at once', () => {
  test('of fields, between fields, and of YAML itself, in the order of the text', () => {
    const source = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  dunning: standart
plans:
  Pro Monthly:
    name: 2024
    price: { amount: 150000.5, currncy: IDR }
    interval: 12 hours
    trial: 1 day
    trial: 0 days
  weekly: { name: "\\q", price: { amount: 10.105, currency: EUR }, interval: *week }
  yearly: { name: Y, price: { amount: 1.5, currency: IDR }, interval: 10 years, ends_after: 50 cycles, extra: 1 }
dunning:
  standard:
    retry_after: [3 days, 2 hours]
    window: 1 day
    then: cancle
`;
    expect(linesOf(source)).toEqual([
      'c:4:12 defaults.dunning: names "standart", which is no policy under dunning (did you mean "standard"?)',
      'c:6:3 plans.Pro Monthly: must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit',
      'c:7:11 plans.Pro Monthly.name: must be text: if it looks like a number or a truth value, put it in quotes',
      'c:8:5 plans.Pro Monthly.price.currency: is missing',
      'c:8:32 plans.Pro Monthly.price.currncy: is not known here (did you mean "currency"?)',
      'c:9:15 plans.Pro Monthly.interval: must count days, weeks, months or years, not hours: what falls due is a calendar day',
      'c:11:5 plans.Pro Monthly.trial: is given twice; the first is on line 10',
      'c:11:12 plans.Pro Monthly.trial: must be at least 1 day',
      'c:12:20 Invalid escape sequence \\q',
      'c:12:42 plans.weekly.price.amount: must have at most 2 decimals, as USD has',
      'c:12:60 plans.weekly.price.currency: must be one of IDR, VND, PHP, THB, SGD, MYR, USD',
      'c:12:77 plans.weekly.interval: uses *week, but nothing above is marked &week',
      'c:13:39 plans.yearly.price.amount: must be a whole number: IDR has no decimals',
      'c:13:93 plans.yearly.ends_after: must end within 100 years',
      'c:13:104 plans.yearly.extra: is not known here',
      'c:16:27 dunning.standard.retry_after.1: must count days, weeks, months or years, not hours: what falls due is a calendar day',
      'c:17:13 dunning.standard.window: must hold at least the first retry, which comes after 3 days: no retry would ever be made',
      'c:18:11 dunning.standard.then: must be one of cancel, pause, keep (did you mean "cancel"?)',
    ]);
  });

  test('where the text stops being YAML, what comes before it is told, and nothing is guessed about what comes after', () => {
    const source = `${DEFAULTS}plns: 1\nplans:\n  a: { name: A, pric: 5,\n  b: 3\n`;
    expect(linesOf(source)).toEqual([
      'c:2:1 plns: is not known here (did you mean "plans"?)',
      'c:4:17 plans.a.pric: is not known here (did you mean "price"?)',
      'c:5:3 Flow map in block collection must be sufficiently indented and end with a }',
    ]);
  });

  test('a shared block is wrong once, however many plans use it', () => {
    const users = Array.from({ length: 500 }, (_, i) => `  p${i}: { name: P, price: *price, interval: 1 day }`);
    const source = `${DEFAULTS}plans:\n  a: { name: A, price: &price { amount: 1.5, currency: IDR }, interval: 1 day }\n${users.join('\n')}\n`;
    expect(linesOf(source)).toEqual(['c:3:41 plans.a.price.amount: must be a whole number: IDR has no decimals']);
  });
});

describe('a name that means something to JavaScript', () => {
  test.each([
    ['a plan', `${DEFAULTS}plans:\n  __proto__: { ${PLAN} }\n  a: { ${PLAN} }\n`, 'c:3:3 plans.__proto__'],
    ['a policy', `${DEFAULTS}${PLANS}dunning:\n  __proto__: { then: keep }\n`, 'c:5:3 dunning.__proto__'],
    ['a failure code', withDefault('declines: { __proto__: soft }'), 'c:4:15 defaults.declines.__proto__'],
  ])('is not lost in silence as the name of %s', (_what, source, place) => {
    expect(linesOf(source)).toEqual([`${place}: cannot be a name`]);
  });

  test('is harmless as a name that is allowed, and unknown anywhere else', () => {
    const plans = `plans:\n  constructor: { ${PLAN} }\n`;
    expect([...catalogOf(`${DEFAULTS}${plans}`).plans.keys()]).toEqual(['constructor']);
    expect(linesOf(`${DEFAULTS}${PLANS}__proto__: { polluted: 1 }\n`)).toEqual(['c:4:1 __proto__: is not known here']);
    expect(linesOf(withPlan('dunning: constructor'))).toEqual([expect.stringContaining('names "constructor"')]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
