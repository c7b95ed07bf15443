import type { Context } from '../context.ts';
import { OWN_ACCOUNT } from '../domain/control/account.ts';
import { SHOWS_HELD } from '../domain/control/readiness.ts';
import { mayCharge } from '../flows/control/may-charge.ts';
import { ofAccount } from '../flows/control/of-account.ts';
import type { Database } from '../infra/database/db.ts';
import type { Log } from '../infra/logger.ts';
import { standing } from '../infra/tables/charges/standing.ts';
import { allAccounts } from '../infra/tables/charging/accounts.ts';
import { resumeCharging } from '../infra/tables/charging/charging.ts';

/** Said at the start, not only with the first run: what is not armed, and what nothing but a person moves on. */
export async function tellAtStart(ctx: Context): Promise<void> {
  await mayCharge(ofAccount(ctx, OWN_ACCOUNT));
  const { held } = await standing(ctx.db, await ctx.clock.now());
  const { count, since, reasons } = held;
  if (count > 0) ctx.log.warn('charges wait for a person', { count, since, ...reasons, way_out: SHOWS_HELD });
}

/** Who restarts the daemon has mended what stopped an account, or learns it from one attempt: each run begins with a single one. */
export async function resumeAfterRestart(db: Database, log: Log): Promise<void> {
  for (const account of await allAccounts(db)) {
    const reason = await resumeCharging(db, account);
    const of = account === OWN_ACCOUNT ? {} : { account };
    if (reason !== null)
      log.warn('charging was stopped, and is tried again after this start', { ...of, stopped_for: reason });
  }
}
