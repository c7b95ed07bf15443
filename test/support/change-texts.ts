import { type Database, databaseThrough } from '../../src/infra/database/db.ts';
import type { Change } from '../../src/infra/tables/change/changes.ts';
import type { ApplyOptions } from '../../src/infra/tables/change/moves.ts';
import { openVault } from '../../src/infra/vault/vault.ts';

/* Changes that have all that a claim, a settlement, a saved method and an opening can have, and the texts that are sent for them. */

const every = Array.from({ length: 256 }, (_, bucket) => bucket);
const seen = { bucket: 7, id: 'subscription', ledgerSeq: 1, ledgerHead: 'head' } as Change['seen'];
const row = { bucket: 7, id: 'row' } as never;
const answered = { bucket: 7, id: 'row', actions: null } as never;

export const claim: Change = {
  seen,
  entries: [],
  sentAttempts: [row],
  charges: [row],
  spend: { customerId: 'customer', currency: 'IDR', takes: 1n, customerLimit: null, dayLimit: null },
};
const permit = {
  key: { mode: 'test', fingerprint: 'f', barred: null },
  start: 'start',
  askSince: null,
  runSince: null,
  channels: ['CARDS'],
  account: '',
} as const;
export const claiming: ApplyOptions = {
  skipLocked: true,
  leaseSeconds: 120,
  permit,
  day: Temporal.PlainDate.from('2026-01-31'),
};

export const settlement: Change = {
  seen,
  entries: [],
  subscription: { status: 'active' },
  charges: [row],
  attempts: [answered],
  tokens: [row],
  findings: [row],
  correction: {
    bucket: 7,
    customerId: 'customer',
    currency: 'IDR',
    amount: -1n,
    day: Temporal.PlainDate.from('2026-01-31'),
    sentAt: Temporal.Instant.from('2026-01-31T02:00:00Z'),
  },
};

export const saving: Change = {
  seen,
  entries: [],
  subscription: { status: 'active' },
  savedTokens: [{ bucket: 7, id: 'token', tokenId: 'pt-1' } as never],
  openedOnboardings: [row],
  onboardings: [row],
};

export const opening: Change = { seen, entries: [], openedCharges: [row], sentAttempts: [row] };

/** What is sent to the database; with `groups` to one that keeps its buckets apart. */
export async function sentFor(
  work: (db: Database, buckets: readonly number[]) => Promise<unknown>,
  groups?: Database['groups'],
): Promise<string> {
  const texts: string[] = [];
  const rows = async (text: string) => {
    texts.push(text);
    return [];
  };
  await work(databaseThrough({ rows, close: async () => undefined }, openVault([]), groups), every);
  return texts.join('\n');
}
