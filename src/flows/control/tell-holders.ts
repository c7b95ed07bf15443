import type { Context } from '../../context.ts';
import { isLockTimeout } from '../../infra/database/db.ts';
import { lockHolders } from '../../infra/tables/control/lock-holders.ts';

/** A run waited in vain for a row that everybody needs, or for a table: says which sessions may hold it. */
export async function tellHolders(ctx: Context, error: unknown): Promise<void> {
  if (!isLockTimeout(error)) return;
  const holders = await lockHolders(ctx.db).catch(() => []);
  const sessions = holders.map(({ pid, name, application, table }) => `${pid} (${name}, ${application}) in ${table}`);
  const way_out = 'end that session: select pg_terminate_backend(pid); until then nothing is charged';
  ctx.log.error('somebody else holds what everybody needs', {
    sessions: sessions.join('; ') || 'none is seen',
    way_out,
  });
}
