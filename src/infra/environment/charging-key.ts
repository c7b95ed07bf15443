import type { ChargingKey } from '../../domain/control/binding.ts';
import { sha256 } from '../ids.ts';
import type { Env } from './env.ts';

/** The key of this environment, by its hash. The sandbox's is made at every start, so it is known by what it is. */
export function chargingKeyOf({ xendit, clock }: Env): ChargingKey {
  if (xendit === null) return { mode: 'sandbox', fingerprint: 'sandbox', barred: null };
  const fingerprint = sha256(`dueday charges with ${xendit.secretKey}`).slice(0, 16);
  const barred = 'DUEDAY_CLOCK=virtual is set with a live key: unset one of the two, arming does not help';
  return { mode: xendit.mode, fingerprint, barred: xendit.mode === 'live' && clock === 'virtual' ? barred : null };
}
