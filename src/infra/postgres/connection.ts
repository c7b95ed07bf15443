import postgres, { type Options, type PostgresType, type Sql } from 'postgres';

/**
 * postgres.js for a URL in libpq's manner, in which `?host=/directory` means a Unix socket (`postgres:///db?host=...`).
 * postgres.js itself takes sockets as an option only, and would send `host` to the server as a setting.
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
  return postgres(parsed.href, { ...named, ...QUIET, ...options });
}

/**
 * Notices are nobody's business. Types are not fetched: the driver asks for them on every new connection with a query
 * that nobody waits for, and a connection that dies under it ends the process (unhandled rejection, seen under load).
 * Without them an array comes out as text; see parameters.ts for how one goes in.
 */
const QUIET = { onnotice: () => undefined, fetch_types: false };

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
