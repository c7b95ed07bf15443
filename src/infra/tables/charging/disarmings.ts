import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

export type Disarming = { readonly now: Temporal.Instant; readonly reason: string; readonly actor: string };

/**
 * Stops charging as a whole for a person, and writes down who did it and why: never the one without the other. What it
 * had stopped for by itself is kept beside it. False: a person had stopped it before, and nothing was done.
 */
export async function disarmCharging(db: Database, { now, reason, actor }: Disarming): Promise<boolean> {
  const said = `stopped by ${actor}: ${reason}`;
  const rows =
    await db.run(sql`with stopped as (update charging c set disarming = c.disarming + 1, stopped_by = ${actor},
      stopped_at = ${now.toString()}::timestamptz,
      reason = ${said} || coalesce('; it had stopped before for: ' || c.reason, '')
    where c.account = ${OWN_ACCOUNT} and c.stopped_by is null returning c.disarming)
    insert into disarmings (number, disarmed_at, reason, actor)
    select s.disarming, ${now.toString()}::timestamptz, ${reason}, ${actor} from stopped s returning number`);
  return rows.length > 0;
}
