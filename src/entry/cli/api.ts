import { setTimeout as pause } from 'node:timers/promises';
import type { ToldStanding } from '../http/health.ts';
import { SEE_ERRORS } from '../http/see-errors.ts';
import type { FieldFault } from '../http/validation.ts';

/** The daemon's HTTP API as the commands see it. */
export type Api = {
  readonly url: string;
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body?: object, query?: Query): Promise<T>;
  patch<T>(path: string, body: object): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** How charging stands, which the daemon tells without a key; null: it does not tell. */
  standing(): Promise<ToldStanding | null>;
  /** The body as it comes, for what is too large to hold. */
  stream(path: string, query?: Query): Promise<ReadableStream<Uint8Array>>;
};

export type Query = Readonly<Record<string, string | number | undefined>>;
export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
};

/** The daemon said no; every bad field is in the message. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(faultText(problem));
    this.problem = problem;
  }
}

/** The fields say it all where the detail only leads to them, or says the same. */
function faultText({ title, detail = title, errors = [] }: Problem): string {
  const fields = errors.map(({ field, message }) => `${field}: ${message}`);
  if (errors.length > 0 && (detail === SEE_ERRORS || errors.some(({ message }) => message === detail)))
    return fields.join('\n');
  return [detail, ...fields.map((field) => `  ${field}`)].join('\n');
}

/** Nobody answers, or somebody who is not dueday. */
class NoDaemon extends Error {
  override readonly name = 'NoDaemon';
}

/** How often a command comes back when the daemon asks it to come later. */
const MOST_TURNS = 10;
/** A command does not wait longer than this for its turn: the person in front of it would rather know. */
const LONGEST_WAIT_SECONDS = 2;

/** 429: nothing was done, so the same may be sent again, also what writes. */
function isTurnedAway(response: Response): boolean {
  return response.status === 429 && secondsOf(response) <= LONGEST_WAIT_SECONDS;
}

function secondsOf({ headers }: Response): number {
  return Number(headers.get('retry-after') ?? Number.POSITIVE_INFINITY);
}

export function apiAt(url: string, apiKey: string | null): Api {
  const base = url.replace(/\/+$/, '');
  const ask = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    query: Query,
    body?: object,
  ): Promise<Response> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (apiKey !== null) headers.authorization = `Bearer ${apiKey}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error' as const,
    };
    const send = () =>
      fetch(`${base}${path}${search(query)}`, init).catch((error: unknown) => {
        throw new NoDaemon(silence(base, error));
      });
    let response = await send();
    for (let again = 0; again < MOST_TURNS && isTurnedAway(response); again += 1) {
      await response.body?.cancel();
      await pause(secondsOf(response) * 1_000);
      response = await send();
    }
    if (!response.ok) throw await faultOf(base, response);
    return response;
  };
  return {
    url: base,
    get: async <T>(path: string, query: Query = {}) => (await read(base, await ask('GET', path, query))) as T,
    post: async <T>(path: string, body?: object, query: Query = {}) =>
      (await read(base, await ask('POST', path, query, body))) as T,
    patch: async <T>(path: string, body: object) => (await read(base, await ask('PATCH', path, {}, body))) as T,
    delete: async <T>(path: string) => (await read(base, await ask('DELETE', path, {}))) as T,
    standing: () => standingAt(base),
    async stream(path, query = {}) {
      const { body } = await ask('GET', path, query);
      return body ?? new ReadableStream();
    },
  };
}

/** A list is shown whether or not anybody says how charging stands. */
const PATIENCE_MS = 3_000;

/** A daemon that is not ready, since charging is stopped, says so with 503 and the same body. */
async function standingAt(base: string): Promise<ToldStanding | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${base}/health/ready`, { signal, redirect: 'error' });
    const told = (await response.json()) as Partial<ToldStanding>;
    return told.charging === undefined ? null : (told as ToldStanding);
  } catch {
    return null;
  }
}

function search(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function read(base: string, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new NoDaemon(`What answers on ${base} is not dueday: its answer is no JSON.`);
  }
}

async function faultOf(base: string, response: Response): Promise<Error> {
  const { status, statusText, headers } = response;
  if (status === 401) return new ApiFault({ status, title: 'Who are you?', detail: unknownKey });
  const told = (await response.json().catch(() => null)) as Partial<Problem> | null;
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true)
    return new NoDaemon(`What answers on ${base} is not dueday, or stands before it: HTTP ${status} ${statusText}.`);
  return new ApiFault({ title: `HTTP ${status} ${statusText}`, ...told, status });
}

const unknownKey =
  'The daemon does not take the API key, or there was none. Give --api-key or set DUEDAY_API_KEY; ' +
  'make one with "dueday keys create --role admin --name me".';

function silence(base: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `No daemon answers on ${base}${code}. Start one with "dueday start", or say where it is with --url.`;
}
