import type { Context } from '../context.ts';
import { sealTokens } from '../flows/access/seal-tokens.ts';
import type { Database } from '../infra/database/db.ts';
import { vaultState } from '../infra/environment/vault-source.ts';
import { errorFacts, type Log } from '../infra/logger.ts';

/** Charging with what cannot be opened is not even begun; who has lost one key of several is told, and goes on. */
export async function readyVault(db: Database, log: Log): Promise<void> {
  const { kind, detail } = await vaultState(db);
  if (kind === 'closed') throw new Error(`${detail}.`);
  if (kind === 'partly closed') log.error('payment tokens cannot be opened', { detail });
  if (kind === 'plain') log.warn('payment tokens are not sealed', { detail });
}

/** An embedded database has its own key from now on, so what is older needs nobody's decision: no other replica reads it. */
export async function sealWhatIsOlder(ctx: Context): Promise<void> {
  await sealTokens(ctx).catch((error: unknown) => ctx.log.error('sealing broke', errorFacts(error)));
}
