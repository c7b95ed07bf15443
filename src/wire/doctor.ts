import type { CheckedCatalog, Finding } from '../context.ts';
import { askingCodes } from '../domain/catalog/channels.ts';
import { OWN_ACCOUNT } from '../domain/control/account.ts';
import { type ArmedBy, armedBy, type ChargingKey, verdictOn } from '../domain/control/binding.ts';
import { heldText } from '../domain/control/readiness.ts';
import { leftUnsealed } from '../flows/access/seal-tokens.ts';
import { countOwed } from '../flows/edits/owing-notices.ts';
import { stoppedChannels } from '../flows/views/channels.ts';
import { readStoredCatalog } from '../infra/catalog-file/catalog-file.ts';
import { whyDiffers } from '../infra/catalog-file/catalog-source.ts';
import { catalogsOf } from '../infra/catalog-file/catalogs.ts';
import { systemClock } from '../infra/clock.ts';
import type { Database } from '../infra/database/db.ts';
import { checkMigrations } from '../infra/database/migrate.ts';
import { chargingKeyOf } from '../infra/environment/charging-key.ts';
import type { Env } from '../infra/environment/env.ts';
import { vaultState } from '../infra/environment/vault-source.ts';
import { xenditGateway } from '../infra/gateway/xendit/xendit.ts';
import { sweepFault } from '../infra/tables/books/sweeps.ts';
import { catalogInForce } from '../infra/tables/catalog/catalog-versions.ts';
import { setApart } from '../infra/tables/catalog/repricings.ts';
import { standing } from '../infra/tables/charges/standing.ts';
import { lastArming } from '../infra/tables/charging/armings.ts';
import { type Charging, chargingState } from '../infra/tables/charging/charging.ts';
import { waitingForSwitch } from '../infra/tables/imports/imports.ts';
import { paidThrough } from '../infra/tables/methods/tokens.ts';
import { expiringInUse } from '../infra/tables/subscriptions/expiring-methods.ts';
import { checkCatalog, examineReturnUrls } from './catalog.ts';
import { withDatabase } from './command.ts';
import { examineIntake } from './intake.ts';
import { besideDaemon, openStoreThere } from './neighbour.ts';
import { asItRuns, askDaemon, daemonFinding } from './running.ts';
import { migrationsFolder } from './schema.ts';
import { examineServer } from './server.ts';

/**
 * What keeps this installation from charging, or will: looked at from outside, nothing is changed. `url`: where its daemon is
 * asked; null: it is not.
 */
export async function examine(given: Env, url: string | null = null): Promise<readonly Finding[]> {
  const running = url === null ? null : await askDaemon(url);
  const env = asItRuns(besideDaemon(given), running);
  const catalog = await checkCatalog(env.catalogFile);
  const findings: Finding[] = [
    ...(url === null ? [] : [daemonFinding(url, running)]),
    {
      what: 'catalog',
      ok: catalog.faults.length === 0,
      detail: catalog.faults.join('; ') || goodCatalog(catalog),
    },
    ...examineReturnUrls(env),
    {
      what: 'xendit key',
      ok: true,
      detail:
        env.xendit === null
          ? 'none: the sandbox is used, no real money moves'
          : `a ${env.xendit.mode} key, ${env.xendit.webhookTokens.length} webhook token(s)`,
    },
    {
      what: 'pace',
      ok: true,
      detail: env.requestsPerMinute === null ? 'no limit' : `${env.requestsPerMinute} requests a minute and endpoint`,
    },
    { what: 'clock', ok: true, detail: env.clock },
  ];
  return [...findings, ...(await examineDatabase(env)), ...(await examineKey(env))];
}

function goodCatalog({ plans, file, warnings }: CheckedCatalog): string {
  const more = warnings.length === 0 ? '' : `, ${warnings.length} warnings: see "dueday catalog check"`;
  return `${plans} plans in ${file}${more}`;
}

async function examineDatabase(env: Env): Promise<readonly Finding[]> {
  try {
    return await withDatabase(env, openStoreThere, async (db) => {
      const schema = await checkMigrations(db, migrationsFolder);
      const missing = !schema.ok && schema.problem === 'missing';
      if (missing) return [{ what: 'database', ok: false, detail: schema.detail }];
      const charging = await chargingState(db, OWN_ACCOUNT);
      return [
        {
          what: 'database',
          ok: schema.ok,
          detail: schema.ok
            ? env.databaseUrl === null
              ? `embedded, in ${env.dataDir}`
              : 'DATABASE_URL answers, schema is current'
            : schema.detail,
        },
        { what: 'charging', ok: charging.reason === null, detail: charging.reason ?? 'not stopped' },
        ...armingFindings(charging, await lastArming(db), chargingKeyOf(env)),
        await examineVault(db),
        await examineIntake(env, db),
        ...(schema.ok
          ? [
              await examineHeld(db),
              ...(await examineChannels(db)),
              await examineMethods(db),
              await examineExpiring(db),
              await examineImports(db),
              await examineNotices(db),
              ...(await examineRepricings(db)),
              await examineBooks(db),
              ...(await examineServer(db, chargingKeyOf(env))),
              ...(await examineVersion(db, env)),
            ]
          : []),
      ];
    });
  } catch (error) {
    return [{ what: 'database', ok: false, detail: error instanceof Error ? error.message : 'does not answer' }];
  }
}

/** What waits for a person: nothing else moves it. */
async function examineHeld(db: Database): Promise<Finding> {
  const { held } = await standing(db, await systemClock(db).now());
  return { what: 'held charges', ok: held.count === 0, detail: heldText(held) ?? 'none waits for a person' };
}

/** One sentence for each channel that holds its charges back. */
async function examineChannels(db: Database): Promise<readonly Finding[]> {
  const stopped = await stoppedChannels(db, await systemClock(db).now());
  return stopped.map(({ channel, text }) => ({ what: `channel ${channel}`, ok: false, detail: text }));
}

/** Whether the file is what is in force: an edit changes nothing until it is applied. */
async function examineVersion(db: Database, { catalogFile, xendit }: Env): Promise<readonly Finding[]> {
  const inForce = await catalogInForce(db);
  if (inForce === null) return [];
  const why = whyDiffers(catalogFile, inForce, xendit === null);
  return [{ what: 'catalog in force', ok: true, detail: why ?? `version ${inForce.version}, as in the file` }];
}

/** Methods that were saved although nothing can be charged to them without their customer. */
async function examineMethods(db: Database): Promise<Finding> {
  const asking = await paidThrough(db, askingCodes());
  const detail =
    `${asking} subscriptions pay by a method that asks the customer each time: say in payment_channels what may be saved, ` +
    'and send these customers a link for another';
  return {
    what: 'saved methods',
    ok: asking === 0,
    detail: asking === 0 ? 'none asks its customer each time' : detail,
  };
}

/** Methods that expire, or must be saved again, within 30 days: no fault, and still somebody's to do. */
async function examineExpiring(db: Database): Promise<Finding> {
  const expiring = await expiringInUse(db);
  const detail = `${expiring} subscriptions pay by a method that expires within 30 days: the charge log names them (kind=method.expiring)`;
  return { what: 'expiring methods', ok: true, detail: expiring === 0 ? 'none within 30 days' : detail };
}

/** Who was taken over from another biller and is not billed here yet: that biller may have stopped. */
async function examineImports(db: Database): Promise<Finding> {
  const waiting = await waitingForSwitch(db);
  const next = waiting?.nextAt == null ? '' : `, the next payment of all is at ${waiting.nextAt.toString()}`;
  const detail = `${waiting?.count ?? 0} imported subscriptions wait for "dueday import switch"${next}`;
  return { what: 'imports', ok: true, detail: waiting === null ? 'none waits for its switch' : detail };
}

/** Customers who are to be told of a higher price: nobody sends these notices but the product. */
async function examineNotices(db: Database): Promise<Finding> {
  const inForce = await catalogInForce(db);
  const read = inForce === null ? null : readStoredCatalog(inForce.source, `catalog version ${inForce.version}`);
  const owed =
    inForce === null || read?.ok !== true
      ? 0
      : await countOwed({ db, catalog: catalogsOf(db, { ...read.catalog, version: inForce.version }) });
  const detail = `${owed} customers are to be told of a higher price, and pay the old one until then: dueday notices --owed names them`;
  return { what: 'notices', ok: true, detail: owed === 0 ? 'none is owed' : detail };
}

/** Subscriptions that no repricing could work on: they keep their price until somebody has them tried again. */
async function examineRepricings(db: Database): Promise<readonly Finding[]> {
  return (await setApart(db)).map(({ number, plan, count }) => ({
    what: `repricing ${number}`,
    ok: false,
    detail: `${count} subscriptions of ${plan} are set apart: "dueday catalog reprice status ${number} --state failed" names them with why, "dueday catalog reprice resume ${number}" tries them again`,
  }));
}

/** Whether the daily sweep can read Xendit's books; without it nothing repairs a lost webhook. */
async function examineBooks(db: Database): Promise<Finding> {
  const fault = await sweepFault(db, OWN_ACCOUNT);
  return { what: 'reconciliation', ok: fault === null, detail: fault ?? 'the last sweep met no fault' };
}

/** Invariant 13: each difference between what was armed and what is here, in words; and who armed that, when and why. */
function armingFindings(
  { armed, armedAt, seen }: Charging,
  last: ArmedBy | null,
  key: ChargingKey,
): readonly Finding[] {
  const how = last === null ? `at ${armedAt ?? 'an unknown time'}, by whom was not kept` : armedBy(last);
  const verdict = verdictOn(armed, seen.place, key);
  switch (verdict.kind) {
    case 'armed':
      return [{ what: 'arming', ok: true, detail: `armed for this ${key.mode} key ${how}` }];
    case 'arms_itself':
      return [{ what: 'arming', ok: true, detail: `not yet: a ${key.mode} key moves no money and arms itself` }];
    case 'disarmed':
      return verdict.differences.map((text, index) => {
        const before = index === 0 && armed !== null ? `; it was armed ${how}` : '';
        return { what: 'arming', ok: false, detail: `${text}; ${wayOut(key)}${before}` };
      });
  }
}

function wayOut({ barred }: ChargingKey): string {
  return barred === null ? 'if it is meant, run: dueday arm' : 'nothing is charged until then';
}

async function examineVault(db: Database): Promise<Finding> {
  const { kind, detail } = await vaultState(db);
  const left = kind === 'sealed' ? await leftUnsealed({ db }) : 0;
  const more = left === 0 ? '' : `; ${left} rows are not yet: run "dueday keys rotate-tokens"`;
  return { what: 'payment tokens', ok: kind === 'plain' || kind === 'sealed', detail: `${detail}${more}` };
}

/** Asks Xendit for something harmless: whether the key is taken at all shows there. */
async function examineKey(env: Env): Promise<readonly Finding[]> {
  if (env.xendit === null) return [];
  const gateway = xenditGateway({ url: env.xenditApiUrl, secretKey: env.xendit.secretKey });
  try {
    const answer = await gateway.session('ps-000000000000000000000000');
    if (answer.kind === 'silent') return [{ what: 'xendit', ok: false, detail: `does not answer: ${answer.detail}` }];
    const refused = answer.kind === 'refused' && (answer.status === 401 || answer.status === 403);
    return [
      {
        what: 'xendit',
        ok: !refused,
        detail: refused
          ? `${answer.code}: ${answer.message}`
          : 'answers and takes the key; whether cards may be charged off-session (MIT) shows with the first charge',
      },
    ];
  } finally {
    await gateway.close();
  }
}
