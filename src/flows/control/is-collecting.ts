import type { Context } from '../../context.ts';
import { attemptsInFlight } from '../../infra/tables/subscriptions/agenda.ts';

/** Whether charges are on their way just now, of this daemon or another: who only reads then lets them go first. */
export async function isCollecting({ db }: Pick<Context, 'db'>): Promise<boolean> {
  return (await attemptsInFlight(db)) > 0;
}
