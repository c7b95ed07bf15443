import type { DisputeState } from '../../../domain/disputes/dispute.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** A dispute about which a person has to decide something; instants as ISO text, amounts in minor units. */
export type DisputeToDecide = {
  readonly disputeId: string;
  readonly reference: string;
  readonly cycle: number | null;
  readonly state: DisputeState;
  readonly category: string | null;
  readonly amount: string;
  readonly held: string;
  readonly currency: Currency;
  readonly answerBy: string | null;
  readonly openedAt: string;
  /** Subscriptions that are charged no more for it. */
  readonly stopped: number;
};

/** Those that have to be answered, or that have stopped a subscription which goes on otherwise; by what has to be answered first. */
export async function disputesToDecide(db: Database, most: number): Promise<readonly DisputeToDecide[]> {
  const buckets = db.groups.flat();
  return await db.run<DisputeToDecide>(sql`
    with stopped as materialized (select s.stopped_by, count(*)::int as many from subscriptions s
      where ${within('s', buckets)} and s.stopped_by is not null and s.status not in ('canceled', 'ended') group by 1)
    select d.dispute_id as "disputeId", s.reference_id as reference, c.cycle, d.state, d.category, d.amount::text as amount,
      d.held::text as held, d.currency, coalesce(o.many, 0) as stopped,
      to_char(d.answer_by at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "answerBy",
      to_char(d.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "openedAt"
    from disputes d
    join subscriptions s on ${within('s', buckets)} and s.bucket = d.bucket and s.id = d.subscription_id
    join charges c on ${within('c', buckets)} and c.bucket = d.bucket and c.id = d.charge_id
    left join stopped o on o.stopped_by = d.dispute_id
    where ${within('d', buckets)} and (d.state = 'action_required' or o.many > 0)
    order by d.answer_by nulls last, d.dispute_id limit ${most}::int`);
}
