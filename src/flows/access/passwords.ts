import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's least for Argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
const FORM = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/-]+)\$([\w+/-]+)$/;

/** Shorter ones are guessed. */
export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 200;

const derive = promisify(argon2);

/** What is stored of a password, with all that is needed to compare it, in the form that all libraries of Argon2 write. */
export async function hashOfPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await inTurn(() => derived(password, salt, COST, HASH_BYTES));
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(hash)}`;
}

/** Whether it is this password. Of nobody's (null) it takes as long to say no: the time tells no name. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const read = FORM.exec(stored ?? '');
  const [, memory, passes, parallelism, salt = '', hash = ''] = read ?? [];
  const cost =
    read === null ? COST : { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const wanted = Buffer.from(hash, 'base64');
  const length = wanted.length === 0 ? HASH_BYTES : wanted.length;
  const from = salt === '' ? Buffer.alloc(SALT_BYTES) : Buffer.from(salt, 'base64');
  const found = await inTurn(() => derived(password, from, cost, length));
  return timingSafeEqual(found, wanted.length === 0 ? randomBytes(length) : wanted);
}

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

async function derived(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  return await derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...cost });
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: a crowd that signs in takes one thread and 19 MiB, and leaves the others to those who charge. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => undefined);
  return await turn;
}

function plain(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
