import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isLoopback } from '../../domain/catalog/web-address.ts';
import { type FailpointOrder, readFailpoint } from '../failpoints.ts';
import { LEASE_SECONDS } from '../lease.ts';
import { KEY_FORM, readTokenKeys, type TokenKey } from '../vault/token-keys.ts';
import { addressOf } from './own-address.ts';
import { unfoldSecrets } from './secret-files.ts';

/** The environment as the daemon knows it: parsed once, every fault in one message, no secret in any message. */
export type Env = {
  readonly databaseUrl: string | null;
  /** What webhooks are stored over, as a user who may do nothing else; null: over `databaseUrl`. */
  readonly webhookDatabaseUrl: string | null;
  readonly dataDir: string;
  readonly xendit: XenditEnv | null;
  readonly xenditApiUrl: string;
  readonly requestsPerMinute: number | null;
  readonly catalogFile: string;
  readonly host: string;
  readonly port: number;
  /** Where webhooks come in; null: on `port`, with everything else. */
  readonly webhookPort: number | null;
  readonly publicUrl: string;
  readonly apiKey: string | null;
  /** With a live key a virtual one is not followed, and nothing is charged. */
  readonly clock: 'system' | 'virtual';
  /** What payment tokens are sealed with in the database; the first seals, all open. */
  readonly tokenKeys: readonly TokenKey[] | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly leaseSeconds: number;
  /** For tests: where this process dies. Null in every other life. */
  readonly failpoint: FailpointOrder | null;
};

export type XenditEnv = {
  readonly secretKey: string;
  readonly mode: 'test' | 'live';
  /** Compared with x-callback-token; several while one is being replaced. */
  readonly webhookTokens: readonly string[];
};

export class EnvFault extends Error {
  override readonly name = 'EnvFault';
}

const empty = (value: unknown) => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(empty, schema.optional());
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/** The secret key goes there with every call: over TLS, unless it crosses no network. */
const xenditUrl = z
  .string()
  .refine(
    isFitForKey,
    'must be an http or https URL (http only to this machine), without user name, query or fragment',
  );

function isFitForKey(text: string): boolean {
  const url = URL.parse(text);
  if (
    url === null ||
    /[\p{Cc}\s\\]/u.test(text) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });
const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'must be a port, 0 to 65535');
const PORT = 8080;

const schema = z.object({
  DATABASE_URL: optional(databaseUrl),
  DUEDAY_WEBHOOK_DATABASE_URL: optional(databaseUrl),
  DUEDAY_DATA_DIR: optional(z.string()),
  XENDIT_SECRET_KEY: optional(
    z.string().regex(/^xnd_(development|production)_\S+$/, 'must begin with xnd_development_ or xnd_production_'),
  ),
  XENDIT_API_URL: optional(xenditUrl),
  XENDIT_WEBHOOK_TOKEN: optional(z.string()),
  XENDIT_REQUESTS_PER_MINUTE: optional(z.string().regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')),
  CATALOG_FILE: optional(z.string()),
  HOST: optional(z.string()),
  PORT: optional(port),
  DUEDAY_WEBHOOK_PORT: optional(port),
  PUBLIC_URL: optional(httpUrl),
  DUEDAY_API_KEY: optional(z.string().regex(/^\S+$/, 'must have no spaces')),
  DUEDAY_TOKEN_KEYS: optional(z.string().refine((text) => readTokenKeys(text) !== null, KEY_FORM)),
  DUEDAY_CLOCK: optional(z.enum(['system', 'virtual'], { error: 'must be system or virtual' })),
  LOG_LEVEL: optional(z.enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })),
  DUEDAY_LEASE_SECONDS: optional(z.string().regex(/^[1-9]\d{0,2}$/, 'must be a whole number from 1 to 999')),
  DUEDAY_FAILPOINT: optional(z.string().transform(failpointOf)),
});

function failpointOf(text: string, context: z.RefinementCtx): FailpointOrder {
  const read = readFailpoint(text);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
}

type Parsed = z.infer<typeof schema>;

/** Reads the environment; throws EnvFault with every fault when something is wrong with it. */
export function readEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const { variables, faults: ofFiles, nameOf } = unfoldSecrets(source);
  const parsed = schema.safeParse(variables);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  // What could not be read would be missed here a second time.
  const contradicted = ofFiles.length === 0 ? contradictions(variables) : [];
  const all = [...ofFiles, ...[...faults, ...contradicted].map((fault) => fault.replace(/^[A-Z_]+/, nameOf))];
  if (!parsed.success || all.length > 0) {
    throw new EnvFault(
      `The environment has ${all.length === 1 ? 'a fault' : `${all.length} faults`}:\n${all.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
  return envOf(parsed.data);
}

function contradictions(source: Readonly<Record<string, string | undefined>>): readonly string[] {
  const key = source.XENDIT_SECRET_KEY ?? '';
  const faults: string[] = [];
  if (key !== '' && tokensOf(source.XENDIT_WEBHOOK_TOKEN).length === 0) {
    faults.push(
      'XENDIT_WEBHOOK_TOKEN: is required with XENDIT_SECRET_KEY; copy it from the dashboard, Settings > Developers > Webhooks',
    );
  }
  for (const name of ['DUEDAY_LEASE_SECONDS', 'DUEDAY_FAILPOINT']) {
    if (key.startsWith('xnd_production_') && (source[name] ?? '') !== '')
      faults.push(`${name}: is for tests, and refused with a live key; unset one of the two`);
  }
  if (key !== '' && isShort(source.DUEDAY_API_KEY ?? '')) {
    faults.push(
      `DUEDAY_API_KEY: must have at least ${SHORTEST_KEY} characters beside XENDIT_SECRET_KEY, so that nobody guesses it; make one with "openssl rand -hex 24"`,
    );
  }
  return [...faults, ...intakeFaults(source)];
}

const SHORTEST_KEY = 16;

function isShort(apiKey: string): boolean {
  return /^\S+$/.test(apiKey) && apiKey.length < SHORTEST_KEY;
}

/** The intake is a second way into the same house: to the same database, through another door. */
function intakeFaults(source: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { DATABASE_URL = '', DUEDAY_WEBHOOK_DATABASE_URL = '', DUEDAY_WEBHOOK_PORT = '' } = source;
  const faults: string[] = [];
  if (DUEDAY_WEBHOOK_DATABASE_URL !== '' && DATABASE_URL === '') {
    faults.push(
      'DUEDAY_WEBHOOK_DATABASE_URL: needs DATABASE_URL, the same database for the rest of dueday; set it, or unset this',
    );
  }
  const taken = Number(source.PORT || PORT);
  if (DUEDAY_WEBHOOK_PORT !== '' && taken !== 0 && Number(DUEDAY_WEBHOOK_PORT) === taken) {
    faults.push(
      `DUEDAY_WEBHOOK_PORT: must be another port than PORT (${taken}); unset it to take webhooks there as well`,
    );
  }
  return faults;
}

/** A file has them on lines of their own. */
function tokensOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((token) => token !== '');
}

function envOf(parsed: Parsed): Env {
  const host = parsed.HOST ?? '127.0.0.1';
  const listensOn = Number(parsed.PORT ?? PORT);
  const key = parsed.XENDIT_SECRET_KEY;
  const mode = key?.startsWith('xnd_production_') ? 'live' : 'test';
  return {
    databaseUrl: parsed.DATABASE_URL ?? null,
    webhookDatabaseUrl: parsed.DUEDAY_WEBHOOK_DATABASE_URL ?? null,
    dataDir: parsed.DUEDAY_DATA_DIR ?? './data',
    xendit: key === undefined ? null : { secretKey: key, mode, webhookTokens: tokensOf(parsed.XENDIT_WEBHOOK_TOKEN) },
    xenditApiUrl: parsed.XENDIT_API_URL ?? 'https://api.xendit.co',
    requestsPerMinute: paceOf(parsed),
    catalogFile: parsed.CATALOG_FILE ?? catalogHere(key),
    host,
    port: listensOn,
    webhookPort: parsed.DUEDAY_WEBHOOK_PORT === undefined ? null : Number(parsed.DUEDAY_WEBHOOK_PORT),
    publicUrl: parsed.PUBLIC_URL ?? addressOf(host, listensOn),
    apiKey: parsed.DUEDAY_API_KEY ?? null,
    clock: parsed.DUEDAY_CLOCK ?? 'system',
    tokenKeys: parsed.DUEDAY_TOKEN_KEYS === undefined ? null : readTokenKeys(parsed.DUEDAY_TOKEN_KEYS),
    logLevel: parsed.LOG_LEVEL ?? 'info',
    leaseSeconds: Number(parsed.DUEDAY_LEASE_SECONDS ?? LEASE_SECONDS),
    failpoint: parsed.DUEDAY_FAILPOINT ?? null,
  };
}

const CATALOG = './catalog.yaml';
const EXAMPLE = fileURLToPath(new URL('../../../catalog.yaml', import.meta.url));

/** To try dueday in an empty folder its example will do; with a key of Xendit nobody's plans are guessed. */
function catalogHere(xenditKey: string | undefined): string {
  return xenditKey === undefined && !existsSync(CATALOG) ? EXAMPLE : CATALOG;
}

/** Xendit's own limits (docs/xendit.md 1): 600 a minute live, 60 in test mode; none for the sandbox. */
function paceOf(parsed: Parsed): number | null {
  if (parsed.XENDIT_REQUESTS_PER_MINUTE !== undefined) return Number(parsed.XENDIT_REQUESTS_PER_MINUTE);
  if (parsed.XENDIT_SECRET_KEY === undefined) return null;
  return parsed.XENDIT_SECRET_KEY.startsWith('xnd_production_') ? 600 : 60;
}
