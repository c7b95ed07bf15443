import { getTableColumns } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { selection } from '../../database/selection.ts';
import { sql } from '../../database/sql.ts';
import { tokens } from '../schema/methods.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { owner } from './subscriptions.ts';

const { channelCode, country, status: standing, recurringFrequency } = tokens;

const live = selection({
  subscription: { alias: 's', fields: getTableColumns(subscriptions) },
  customer: { alias: 'u', fields: owner },
  method: { alias: 'k', fields: { channelCode, country, standing, recurringFrequency }, isOptional: true },
});

/** A subscription that is not over, with whom it belongs to and what it is charged to. */
export type Live = ReturnType<typeof live.row>;

/** Subscriptions that are not over, in order, those after one of them. */
export async function livePage(
  db: Database,
  after: { readonly bucket: number; readonly id: string } | null,
  limit: number,
): Promise<readonly Live[]> {
  const follows = after === null ? sql`true` : sql`(s.bucket, s.id) > (${after.bucket}::smallint, ${after.id}::uuid)`;
  return await db.read(
    live,
    sql`select ${live.columns} from subscriptions s
    join customers u on u.bucket = s.bucket and u.id = s.customer_id
    left join tokens k on k.bucket = s.bucket and k.id = s.token_id
    where s.status in ('pending', 'trialing', 'active', 'past_due', 'paused') and ${follows}
    order by s.bucket, s.id limit ${limit}::int`,
  );
}
