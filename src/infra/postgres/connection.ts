/** How postgres.js wants to be told where the database is. */
export type Connection = { readonly url: string; readonly host?: string };

/**
 * Reads a database URL. A Unix socket is named as libpq does it, `postgres://user@localhost/db?host=/run/dir`, which
 * postgres.js would pass on to the server as an unknown parameter.
 */
export function connectionOf(text: string): Connection {
  const url = new URL(text);
  const host = url.searchParams.get('host');
  if (host === null || !host.startsWith('/')) return { url: text };
  url.searchParams.delete('host');
  return { url: url.toString(), host };
}

/** The same server, another database. */
export function withDatabase(text: string, name: string): string {
  const url = new URL(text);
  url.pathname = `/${name}`;
  return url.toString();
}
