import type { Context } from '../../../context.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Channels, ChargingStanding } from '../../../domain/control/readiness.ts';
import { lastSwitchings, type Switching } from '../../../infra/tables/charging/armings.ts';
import { chargingState } from '../../../infra/tables/charging/charging.ts';
import { type HouseFigures, houseFigures } from '../../../infra/tables/charging/house.ts';
import { type PaceUse, paceUse } from '../../../infra/tables/control/pace.ts';
import { livingReplicas, type PulseHour, pulseHours, type Replica } from '../../../infra/tables/control/replicas.ts';
import { channelsOf } from '../channels.ts';
import { chargingStanding } from '../overview.ts';

export type HealthPage = {
  readonly standing: ChargingStanding;
  readonly armedAt: string | null;
  readonly switchings: readonly Switching[];
  readonly channels: Channels;
  readonly house: HouseFigures;
  readonly pace: readonly PaceUse[];
  readonly replicas: readonly Replica[];
  readonly hours: readonly PulseHour[];
};

const SWITCHINGS = 10;

/** Whether it runs, whether it is on time, and who armed it. */
export async function healthPage(ctx: Context, now: Temporal.Instant): Promise<HealthPage> {
  const state = await chargingState(ctx.db, OWN_ACCOUNT);
  return {
    standing: chargingStanding(ctx, state),
    armedAt: state.armedAt,
    switchings: await lastSwitchings(ctx.db, SWITCHINGS),
    channels: await channelsOf(ctx, now),
    house: await houseFigures(ctx.db, now),
    pace: await paceUse(ctx.db, OWN_ACCOUNT),
    replicas: await livingReplicas(ctx.db),
    hours: await pulseHours(ctx.db),
  };
}
