import type { ChargeStatus } from '../charges/charge.ts';

/** What became of a charge that was declined at least once. */
export const recoveries = ['recovered', 'open', 'lost', 'void'] as const;
export type Recovery = (typeof recoveries)[number];

const OF_STATUS: Readonly<Record<ChargeStatus, Recovery>> = {
  paid: 'recovered',
  refunded: 'recovered',
  partially_refunded: 'recovered',
  due: 'open',
  attempting: 'open',
  held: 'open',
  uncollectible: 'lost',
  void: 'void',
};

/** By the charge's status: money that came in counts, also where it was given back; what is open is not lost yet. */
export function recoveryOf(status: ChargeStatus): Recovery {
  return OF_STATUS[status];
}

/** The statuses of charges of which this became. */
export function statusesOf(recovery: Recovery): readonly ChargeStatus[] {
  return (Object.keys(OF_STATUS) as ChargeStatus[]).filter((status) => OF_STATUS[status] === recovery);
}
