export type DatabaseRole = 'dueday_owner' | 'dueday_app' | 'dueday_webhook' | 'dueday_ro';

/** The same database with the rights of this role: what the superuser may take on needs no password. */
export function asRole(url: string, role: DatabaseRole): string {
  const parsed = new URL(url);
  parsed.searchParams.set('role', role);
  return parsed.href;
}
