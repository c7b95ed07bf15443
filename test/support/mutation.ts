import { gzipSync } from 'node:zlib';
import { chance } from './chance.ts';

type Random = () => number;
type Place = { readonly holder: Record<string, unknown> | unknown[]; readonly key: string | number };

/** How many bodies a fuzz test makes, and from which seed: FUZZ=1000000 FUZZ_SEED=7. Ten thousand a commit. */
export const fuzzRuns = Number(process.env.FUZZ ?? 10_000);
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? 1);

/** The generator of the n-th case: a case is made again without those before it. */
export function caseRandom(index: number): Random {
  return chance(Math.imul(index + 1, 0x9e37_79b1) ^ Math.imul(fuzzSeed, 0x85eb_ca6b));
}

/** What a person needs to see a failing case again. */
export function caseText(index: number, body: Buffer): string {
  return `case ${index} of seed ${fuzzSeed}: ${JSON.stringify(body.toString('latin1').slice(0, 2_000))}`;
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** Values by which a field is replaced: other types, huge and odd numbers, statuses nobody has heard of, hostile text. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.1 + 0.2,
  1e-7,
  2 ** 53 + 2,
  1e308,
  '',
  ' ',
  '0',
  '1e400',
  'NaN',
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { constructor: { prototype: { polluted: 1 } } },
  'SUCCEEDED',
  'FAILED',
  'PENDING',
  'AUTHORIZED',
  'REQUIRES_ACTION',
  'EXPIRED',
  'MOONSTRUCK',
  'succeeded',
  'SUCCEEDED ',
  'SUCCEEDED\u0000',
  'ＳＵＣＣＥＥＤＥＤ',
  'IDR',
  'PHP',
  'idr',
  'XXX',
  'payment.capture',
  'payment.failure',
  'payment_session.completed',
  '__proto__',
  'constructor',
  'pr-00000000-0000-4000-8000-000000000000',
  'due_019a0000-0000-7000-8000-000000000001_0_1',
  "'; drop table charges; --",
  '\u0000\u0007\u001b[31m',
  '\ud800',
  '😀'.repeat(100),
  '\u202e\u2066rtl',
  'x'.repeat(5_000),
  '2026-99-99T00:00:00Z',
];

const WORDS = ['"', '{', '}', '[', ']', ',', ':', '\\', '\\u0000', '\\ud800', 'null', '1e999', '-', '0', '.', '\u0000'];

/** Changes the parsed body in place: a field is replaced, taken away, doubled under another name, nudged or swapped. */
const CHANGES: readonly ((random: Random, places: readonly Place[]) => void)[] = [
  (random, places) => put(pick(random, places), pick(random, VALUES)),
  (random, places) => put(pick(random, places), pick(random, VALUES)),
  (random, places) => nudge(random, pick(random, places)),
  (random, places) => nudge(random, pick(random, places)),
  (random, places) => {
    const { holder, key } = pick(random, places);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  (random, places) => put(pick(random, places), valueAt(pick(random, places))),
  (random, places) => {
    const { holder } = pick(random, places);
    if (!Array.isArray(holder))
      holder[pick(random, ['id', 'amount', 'paymentId', 'Status', 'data'])] = pick(random, VALUES);
  },
  (random, places) => {
    const place = pick(random, places);
    put(place, nested(valueAt(place), Math.floor(random() * 40)));
  },
];

/** Changes the bytes: what a broken, hostile or careless sender might make of a good body. */
const BREAKS: readonly ((random: Random, text: string) => Buffer | string)[] = [
  (random, text) => text.slice(0, Math.floor(random() * text.length)),
  (random, text) => spliced(random, text, Math.floor(random() * 8), pick(random, WORDS)),
  (random, text) => spliced(random, text, 1 + Math.floor(random() * 30), ''),
  (random, text) => spliced(random, text, 0, text.slice(Math.floor(random() * text.length)).slice(0, 40)),
  (random, text) => text.replace('{', `{"${pick(random, ['status', 'event', 'data', 'request_amount'])}":"SUCCEEDED",`),
  (_random, text) => text.replace('{', '{"__proto__":{"polluted":true,"status":"SUCCEEDED"},'),
  (_random, text) => text.replaceAll(/:(\d+)/g, ':$1.0e0'),
  (random, text) =>
    text.replaceAll(/:(\d+)/g, `:${pick(random, ['1e400', '9'.repeat(400), '0$1', '+$1', '$1n', '-$1'])}`),
  (random, text) => '['.repeat(1 + Math.floor(random() * 3_000)) + text,
  (random, text) => {
    const depth = 1 + Math.floor(random() * 3_000);
    return '{"data":'.repeat(depth) + text + '}'.repeat(depth);
  },
  (_random, text) => `\ufeff${text}`,
  (_random, text) => Buffer.from(text, 'utf16le'),
  (_random, text) => Buffer.from(text.replaceAll('e', 'é'), 'latin1'),
  (_random, text) => gzipSync(text),
  (random, text) => {
    const bytes = Buffer.from(text);
    for (let times = 0; times < 4; times += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    return bytes;
  },
  (_random, text) => `${text}${text}`,
  (_random, text) => `${text}\u0000`,
  (_random, text) => `/* hello */ ${text.replaceAll('"', "'")}`,
];

/** A body made from a good one: a few fields changed, or its bytes broken, or both; one in twenty is left as it is. */
export function mutated(random: Random, good: string): Buffer {
  const dice = random();
  if (dice < 0.05) return Buffer.from(good);
  const changed = dice < 0.8 ? reshaped(random, good) : good;
  const broken = dice > 0.65 ? pick(random, BREAKS)(random, changed) : changed;
  return Buffer.isBuffer(broken) ? broken : Buffer.from(broken);
}

function reshaped(random: Random, good: string): string {
  const root = { body: JSON.parse(good) as unknown };
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time += 1) {
    const places = placesOf(root);
    if (places.length > 0) pick(random, CHANGES)(random, places);
  }
  return JSON.stringify(root.body) ?? 'null';
}

/** Every value below the root, the innermost as likely as the outermost. */
function placesOf(holder: Record<string, unknown> | unknown[]): readonly Place[] {
  const keys = Array.isArray(holder) ? holder.keys().toArray() : Object.keys(holder);
  return keys.flatMap((key): readonly Place[] => {
    const value = valueAt({ holder, key });
    const below = typeof value === 'object' && value !== null ? placesOf(value as Record<string, unknown>) : [];
    return [{ holder, key }, ...below];
  });
}

function valueAt({ holder, key }: Place): unknown {
  return (holder as Record<string | number, unknown>)[key];
}

/** A copy, so that what is put twice is no circle. */
function put({ holder, key }: Place, value: unknown): void {
  (holder as Record<string | number, unknown>)[key] = value === undefined ? null : structuredClone(value);
}

/** Almost the same: one more, ten times as much, another last character, other capitals, blanks around it. */
function nudge(random: Random, place: Place): void {
  const value = valueAt(place);
  if (typeof value === 'number')
    put(place, pick(random, [value + 1, value - 1, value * 100, value / 100, -value, String(value), value + 0.5]));
  else if (typeof value === 'string')
    put(
      place,
      pick(random, [
        `${value}0`,
        value.slice(0, -1),
        value.toUpperCase(),
        value.toLowerCase(),
        ` ${value} `,
        `${value}\n`,
        `${value}_ABCDEFGHIJ`,
        [value],
      ]),
    );
  else put(place, pick(random, VALUES));
}

function nested(value: unknown, depth: number): unknown {
  return depth === 0 ? value : { data: nested(value, depth - 1) };
}

function spliced(random: Random, text: string, remove: number, insert: string): string {
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + insert + text.slice(at + remove);
}
