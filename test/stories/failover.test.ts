import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { chargingState } from '../../src/infra/tables/charging/charging.ts';
import { intakeState } from '../../src/infra/tables/inbox/intake.ts';
import { run, runtimeWith } from '../entry/cli-stand.ts';
import { expectSound } from '../flows/oracle.ts';
import { type Pair, replicatedPair } from '../support/pair.ts';
import { declined, type ScriptedGateway, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld, type World } from '../support/world.ts';

const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));
const wallet = { channelCode: 'OVO', network: null };

/** A daemon on the primary, whose address follows a failover. */
async function daemonOn(pair: Pair): Promise<World> {
  const db = openDatabase({ url: pair.url, poolSize: 4, applicationName: 'dueday failover', deadlineMs: 5_000 });
  onTestFinished(() => db.close());
  return await testWorld({ at: '2026-01-31T02:00:00Z', db });
}

/** How often each cycle was collected, by the gateway's own list. */
function collected({ payments }: ScriptedGateway): readonly number[] {
  const cycles = Map.groupBy(payments, ({ referenceId }) => referenceId.replace(/_\d+$/, ''));
  return [...cycles.values()].map((paid) => paid.length);
}

describe('a failover that loses acknowledged rows', () => {
  test('charges nothing twice, and loses no cycle', async () => {
    const pair = await replicatedPair();
    const world = await daemonOn(pair);
    const { gateway, ctx } = world;
    const wallets: string[] = [];
    for (let n = 0; n < 8; n += 1) wallets.push(await world.onboard(`wallet-${n}`, 'monthly', {}, wallet));
    const cards = [await world.onboard('card-0'), await world.onboard('card-1')];
    const ids = [...wallets, ...cards];
    await world.work();
    expect(gateway.payments).toHaveLength(10);
    await pair.caughtUp();
    const standby = openDatabase({ url: pair.standbyUrl, poolSize: 1, applicationName: 'dueday failover' });
    const intake = await intakeState(world.db, standby);
    expect(intake).toMatchObject({ kind: 'unfit', detail: expect.stringContaining('it is a standby') });
    await standby.close();
    await pair.cutReplication();

    // The next cycle: opened, attempted and mostly settled, all of it acknowledged by the primary alone.
    world.moveTo('2026-02-28T02:00:00Z');
    let answers = 0;
    gateway.otherwise((sent) => {
      answers += 1;
      if (answers === 3) return declined('INSUFFICIENT_BALANCE');
      if (answers < 9) return succeeded();
      // It collects, and the primary is lost before anybody hears of it.
      pair.killPrimary();
      return gateway.inSilence(succeeded())(sent);
    });
    await world.work().catch(() => undefined);
    const before = gateway.payments.length;
    const paidBefore = new Set(gateway.payments.map(({ referenceId }) => referenceId));
    expect(before).toBeGreaterThanOrEqual(10 + 8);
    gateway.otherwise(() => succeeded());
    await pair.promote();
    pair.moveAddress();

    // The same daemon, whose connections come back to the promoted standby: it reads, and charges nothing.
    const state = await chargingState(world.db, '');
    expect(state.seen.place.timeline).toBe(2);
    expect(await world.ask(sql`select 1 from charges where cycle = 1`)).toEqual([]);
    await world.work();
    await world.work();
    expect(gateway.payments).toHaveLength(before);
    expect(await world.ask(sql`select 1 from charges where cycle = 1 and status = 'due'`)).toHaveLength(10);
    const there = runtimeWith({ DATABASE_URL: pair.standbyUrl, CATALOG_FILE: catalog }, () => ({
      url: 'http://127.0.0.1:1',
      apiKey: null,
    }));
    const doctor = await run(there, 'doctor');
    expect(doctor).toMatchObject({ code: 1, out: expect.stringContaining('timeline 2, armed was 1') });

    // A person arms. What the lost primary had collected is found, and only what was not is collected.
    expect(await armCharging(ctx, null, siti)).toMatchObject({ kind: 'armed', arming: { asksFirst: true } });
    await world.work();
    expect(gateway.payments).toHaveLength(before);
    for (const id of ids.filter((one) => paidBefore.has(`due_${one}_1_1`))) {
      expect(await world.charge(id, 1)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
    }
    await world.liveUntil('2026-03-15T00:00:00Z');
    expect(collected(gateway)).toEqual(Array.from({ length: 20 }, () => 1));
    for (const id of ids) expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    await expectSound(world);
    expect(await world.ask(sql`select 1 from attempts where outcome = 'declined'`)).toHaveLength(1);
    expect(await run(there, 'doctor')).toMatchObject({ code: 0 });
  });
});
