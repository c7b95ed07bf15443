import type { Finding } from '../context.ts';
import type { ChargingKey } from '../domain/control/binding.ts';
import type { Database } from '../infra/database/db.ts';
import { clockBehind, lastStepBack } from '../infra/tables/control/clock-watch.ts';
import { durabilityFaults } from '../infra/tables/control/durability.ts';

/** What the promises rest on that is the database server's: its settings and its clock. */
export async function examineServer(db: Database, key: ChargingKey): Promise<readonly Finding[]> {
  return [await examineDurability(db, key), await examineClock(db)];
}

/** Without it a crash loses what was acknowledged; where no real money moves, that is told and is no fault. */
async function examineDurability(db: Database, { mode }: ChargingKey): Promise<Finding> {
  const faults = await durabilityFaults(db);
  const detail = faults.length === 0 ? 'what is committed survives a crash' : faults.join('; ');
  return { what: 'durability', ok: faults.length === 0 || mode !== 'live', detail };
}

/** A clock that went back is no fault once the daemon has noticed; one that lies behind now is. */
async function examineClock(db: Database): Promise<Finding> {
  const [behind, last] = [await clockBehind(db), await lastStepBack(db)];
  const what = "the database's clock";
  if (behind !== null) {
    const detail = `it says ${behind.to.toString()}, and said ${behind.from.toString()} before: look at the server's clock (NTP)`;
    return { what, ok: false, detail };
  }
  const detail =
    last === null ? 'never went back' : `last went back from ${last.from.toString()} to ${last.to.toString()}`;
  return { what, ok: true, detail };
}
