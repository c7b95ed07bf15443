import { readFileSync } from 'node:fs';
import { type PeerCertificate, checkServerIdentity as sameServer } from 'node:tls';
import postgres, { type Options, type PostgresType, type Sql } from 'postgres';

/**
 * postgres.js for a URL in libpq's manner, in which `?host=/directory` means a Unix socket (`postgres:///db?host=...`).
 * postgres.js itself takes sockets as an option only, and would send `host` to the server as a setting.
 * TLS is as `sslmode` says, and never less: `verify-full` and `verify-ca` check certificate and name, against
 * `sslrootcert` where it is given; `require` encrypts only; `prefer` and `allow`, which would go on in plain text, are refused.
 * Nothing is connected yet. Throws when the URL cannot be read, without repeating it: it may hold a password.
 */
export function connection(url: string, options: Options<Record<string, PostgresType>> = {}): Sql {
  const parsed = parse(url);
  const named: Options<Record<string, PostgresType>> = {};
  for (const name of ['host', 'user', 'password', 'port'] as const) {
    const value = parsed.searchParams.get(name);
    parsed.searchParams.delete(name);
    if (value !== null) Object.assign(named, { [name]: name === 'port' ? Number(value) : value });
  }
  const settings = { ...DURABLE, ...options.connection };
  return postgres(parsed.href, { ...named, ...encryption(parsed), ...QUIET, ...options, connection: settings });
}

/** Takes what is said of TLS out of the URL, where the driver would read it its own way. */
function encryption({ searchParams, hostname }: URL): Pick<Options<Record<string, PostgresType>>, 'ssl'> {
  const mode = searchParams.get('sslmode');
  const authority = searchParams.get('sslrootcert');
  for (const name of ['sslmode', 'sslrootcert']) searchParams.delete(name);
  switch (mode) {
    case null:
      return authority === null ? {} : { ssl: verified(authority, hostname) };
    case 'disable':
      return { ssl: false };
    case 'require':
      return { ssl: authority === null ? 'require' : verified(authority, hostname) };
    case 'verify-ca':
    case 'verify-full':
      return { ssl: verified(authority, hostname) };
    default:
      throw new Error(
        'The sslmode in a database URL (DATABASE_URL, DUEDAY_WEBHOOK_DATABASE_URL) must be verify-full, verify-ca, require or disable: with allow and prefer passwords and payments could go out in plain text.',
      );
  }
}

/** Checked also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise. */
function verified(authority: string | null, host: string) {
  const ca = authority === null || authority === 'system' ? {} : { ca: readFileSync(authority, 'utf8') };
  // For an address the driver names no server, and Node would take a certificate of "localhost" for it.
  const checkServerIdentity = (_name: string, certificate: PeerCertificate) => sameServer(host, certificate);
  return { rejectUnauthorized: true, checkServerIdentity, ...ca };
}

/**
 * Notices are nobody's business. Types are not fetched: the driver asks for them on every new connection with a query
 * that nobody waits for, and a connection that dies under it ends the process (unhandled rejection, seen under load).
 * Without them an array comes out as text; see parameters.ts for how one goes in.
 */
const QUIET = { onnotice: () => undefined, fetch_types: false };

/**
 * What is committed is on disk before it is answered, whatever the server's own setting: an attempt is written before it is sent, and
 * a row that a crash of the server may lose was never written.
 */
const DURABLE = { synchronous_commit: 'on' };

/** The URL of a database whose socket is in a directory of this machine. */
export function socketUrl(directory: string, user: string, database: string): string {
  return `postgres:///${encodeURIComponent(database)}?${new URLSearchParams({ host: directory, user }).toString()}`;
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = parse(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol)) return parsed;
  throw new Error('The database URL cannot be read: write postgres://user:password@host:5432/database (DATABASE_URL).');
}
