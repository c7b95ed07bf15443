import type { Finding } from '../context.ts';
import { type Database, openDatabase } from '../infra/database/db.ts';
import type { Env } from '../infra/environment/env.ts';
import { webhookAddress } from '../infra/environment/own-address.ts';
import { errorFacts, type Log } from '../infra/logger.ts';
import { type IntakeState, intakeState } from '../infra/tables/inbox/intake.ts';

/** What keeps the other connections busy must not keep Xendit waiting: webhooks have some of their own. */
const INTAKE = { poolSize: 2, deadlineMs: 5_000, applicationName: 'dueday intake' };
const VARIABLE = 'DUEDAY_WEBHOOK_DATABASE_URL';

/** Connections for webhooks alone, as a user of their own where there is one. Nothing is connected yet. */
export function openIntake(
  env: Env,
  place: { readonly url: string; readonly lookThere?: string },
  vault: Database['vault'],
  named = INTAKE.applicationName,
): Database {
  const options = { ...INTAKE, applicationName: named, vault };
  if (env.webhookDatabaseUrl === null) return openDatabase({ ...options, ...place });
  try {
    return openDatabase({
      ...options,
      url: env.webhookDatabaseUrl,
      lookThere: `Look whether it runs, and where ${VARIABLE} leads.`,
    });
  } catch (error) {
    throw new Error(`${VARIABLE} cannot be used: ${reason(error)}`);
  }
}

/** What is stored where nobody looks is lost, and what nobody may store is refused to Xendit: neither is begun. */
export async function readyIntake(env: Env, db: Database, intake: Database, log: Log): Promise<void> {
  if (env.webhookDatabaseUrl === null) return;
  const { kind, detail } = await lookAt(db, intake);
  if (kind === 'unfit') throw new Error(`${VARIABLE} cannot be used: ${detail}.`);
  if (kind === 'generous') log.warn('intake may do more than it needs', { variable: VARIABLE, detail });
}

/** Where webhooks come in, and over what: for `dueday doctor`. `db` is the daemon's own database. */
export async function examineIntake(env: Env, db: Database): Promise<Finding> {
  const where = whereTaken(env);
  if (env.webhookDatabaseUrl === null) return { what: 'webhooks', ok: true, detail: where };
  let intake: Database | null = null;
  try {
    intake = openIntake(env, { url: env.webhookDatabaseUrl }, db.vault, 'dueday command');
    const { kind, detail } = await lookAt(db, intake);
    return { what: 'webhooks', ok: kind !== 'unfit', detail: `${where}; ${VARIABLE}: ${detail}` };
  } catch (error) {
    return { what: 'webhooks', ok: false, detail: `${where}; ${reason(error)}` };
  } finally {
    await intake?.close();
  }
}

/** A database that does not answer over this URL is a fault of the same kind as a wrong one. */
async function lookAt(db: Database, intake: Database): Promise<IntakeState> {
  try {
    return await intakeState(db, intake);
  } catch (error) {
    const { error_message: said } = errorFacts(error);
    return { kind: 'unfit', detail: `it could not be looked at (${String(said).replace(/\.$/, '')})` };
  }
}

function whereTaken(env: Env): string {
  if (env.webhookPort === 0) return 'taken on a free port of their own, which "dueday start" tells';
  return `taken on ${webhookAddress(env)}${env.webhookPort === null ? '' : ', a listener of their own'}`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : 'for no known reason';
}
