import { sql } from '../../database/sql.ts';

/** What became of a charge `c`, as `chargeResult` of the domain tells it. */
export const resultOfRow = sql`case when c.status = 'void' then 'given_up' when c.status = 'uncollectible' then 'lost'
  when c.status in ('due', 'attempting', 'held') then 'open' when c.attempts <= 1 then 'first_try' else 'recovered' end`;
