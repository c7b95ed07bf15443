import type { Writable } from 'node:stream';
import { format, transports, createLogger as winstonLogger } from 'winston';
import { masked } from './secrets.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** All that a fact may be. An object is none: nobody can tell what is in it, least of all in an error. */
export type LogValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Temporal.Instant
  | Temporal.PlainDate
  | Temporal.ZonedDateTime
  | Temporal.Duration;
export type Facts = Readonly<Record<string, LogValue>>;

/** Events and their facts, one line of JSON each. */
export type Log = {
  debug(event: string, facts?: Facts): void;
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  error(event: string, facts?: Facts): void;
  /** One that fills a disk: it is told of one cause once a second (rarely.ts). A log that is read line by line hears everything. */
  readonly isSparing?: boolean;
  /** Resolves when everything said so far has been written. */
  close(): Promise<void>;
};

const LONGEST_VALUE = 500;
// Masking reads no more than this of a text: more than can be shown, for what is masked becomes shorter.
const LONGEST_READ = 4_000;
/** What is longer is no frame of ours: somebody else's words got into the stack. */
const LONGEST_FRAME = 500;
const LONGEST_STACK = 20_000;

/** Logs to stdout, from this level up. */
export function createLogger(level: LogLevel, out: Writable = process.stdout): Log {
  const logger = winstonLogger({
    level,
    format: format.printf(({ message }) => String(message)),
    transports: [new transports.Stream({ stream: out })],
  });
  // A log that nobody reads any more must not stop the billing.
  const ignore = () => undefined;
  out.on('error', ignore);
  let closed = false;
  const say =
    (at: LogLevel) =>
    (event: string, facts: Facts = {}) => {
      // A timer can speak after the end (rarely.ts), and winston would end the process with "write after end".
      if (!closed && logger.isLevelEnabled(at)) logger.log(at, logLine(at, event, facts));
    };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    isSparing: true,
    async close() {
      closed = true;
      await new Promise<void>((done) => logger.once('finish', done).end());
      await new Promise<void>((done) => out.write('', () => done()));
      out.off('error', ignore);
    },
  };
}

const OUR_NAMES = new Set(['at', 'level', 'event']);

function logLine(level: LogLevel, event: string, facts: Facts): string {
  const line: Record<string, unknown> = { at: Temporal.Now.instant().toString(), level, event: shown(event) };
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined) line[OUR_NAMES.has(name) ? `fact_${name}` : masked(name)] = factValue(value);
  }
  // JSON leaves these as they are, and a terminal obeys them: DEL, C1, line separators, turned writing directions.
  return JSON.stringify(line).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function factValue(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return shown(value);
  const kind = Object.prototype.toString.call(value);
  return kind.startsWith('[object Temporal.') ? shown((value as Temporal.Instant).toString()) : '(no fact)';
}

function shown(text: string): string {
  const safe = masked(text.slice(0, LONGEST_READ));
  return safe.length > LONGEST_VALUE ? `${safe.slice(0, LONGEST_VALUE - 1)}…` : safe;
}

/**
 * The only way for an error into the log: its name, code, status, constraint, first words, and where it was thrown.
 * Never its options, parameters or own stack, for got keeps the key there and drizzle the payment token.
 */
export function errorFacts(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error, error_message: typeof error === 'string' ? error : '' };
  try {
    return factsOf(error);
  } catch {
    return { error: 'an error that throws when it is read' };
  }
}

function factsOf(error: Error): Facts {
  const chain = causes(error);
  const [top, cause] = chain;
  const facts: Record<string, LogValue | undefined> = {
    error: nameOf(error),
    error_code: first(chain, ['code']),
    error_status: first(chain, ['status', 'statusCode']) ?? first(chain.map(answerOf), ['statusCode']),
    error_constraint: first(chain, ['constraint_name', 'constraint']),
    error_message: messageOf(top),
    error_cause: cause === undefined ? undefined : `${nameOf(cause)}: ${messageOf(cause)}`,
    error_at: placeOf(error),
  };
  return Object.fromEntries(Object.entries(facts).filter((fact): fact is [string, LogValue] => fact[1] !== undefined));
}

function causes(error: Error): readonly Error[] {
  const chain = [error];
  while (chain.length < 5 && chain.at(-1)?.cause instanceof Error) chain.push(chain.at(-1)?.cause as Error);
  return chain;
}

function nameOf(error: Error): string {
  return error.name === 'Error' ? error.constructor.name : error.name;
}

/** got keeps the answer's status in the answer. */
function answerOf(error: Error): object {
  return 'response' in error && typeof error.response === 'object' && error.response !== null ? error.response : {};
}

function first(chain: readonly object[], names: readonly string[]): string | number | undefined {
  const values = chain.flatMap((one) => names.map((name) => (one as Record<string, unknown>)[name]));
  return values.find((value) => typeof value === 'string' || typeof value === 'number');
}

/** Drizzle puts the statement and all its parameters into the message; the cause behind it says what is wrong. */
function messageOf(error: Error | undefined): string {
  if (error === undefined) return '';
  if ('params' in error || error.message.startsWith('Failed query')) return 'a query failed';
  // An address without its query: a reference or an id is a fact of its own.
  return shown(
    error.message
      .slice(0, LONGEST_READ)
      .replace(/(https?:\/\/[^\s?#]*)([?#]\S*)?/g, (whole: string, address: string) =>
        whole === address ? whole : `${address}?…`,
      ),
  );
}

/** The first line of our own in the stack, without the message in front of it. */
function placeOf({ stack = '', message }: Error): string | undefined {
  const after = stack.indexOf(message) + message.length;
  const frames = stack.slice(after, after + LONGEST_STACK).split('\n');
  const ours = frames.find(
    (frame) => frame.length <= LONGEST_FRAME && frame.includes('/src/') && !frame.includes('/node_modules/'),
  );
  return /\/(src\/[^\s()]+?:\d+)(:\d+)?\)?$/.exec(ours ?? '')?.[1];
}
