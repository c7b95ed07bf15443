import { describe, expect, test, vi } from 'vitest';
import { readEnv } from '../../src/infra/environment/env.ts';
import { putInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { examine } from '../../src/wire/doctor.ts';
import { apiOver } from '../support/api.ts';
import { testDatabase } from '../support/database.ts';
import { refused } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db: made.db, admin: made.admin });

/** What `dueday doctor` says of this. */
async function doctor(what: string) {
  const nobody = { XENDIT_API_URL: 'http://127.0.0.1:9', CATALOG_FILE: 'catalog.yaml' };
  const findings = await examine(readEnv({ ...nobody, DATABASE_URL: made.url }));
  return findings.find((finding) => finding.what === what);
}

describe('health', () => {
  test('ready says what is in force, what waits for a person, since when, why, and the command that shows it', async () => {
    const id = await world.onboard('held-one');
    world.gateway.script(refused('charge', 'API_VALIDATION_ERROR'));
    await world.work();
    const why = 'catalog.yaml was edited since version 1 was applied';
    const own = await apiOver(world.ctx, { catalogDiffers: () => why });
    const { status, body } = await own.send('GET', '/health/ready', '', {});
    expect((await world.charge(id)).status).toBe('held');
    expect([status, body]).toEqual([
      200,
      {
        status: 'ready',
        charging: 'on',
        reason: null,
        stopped_since: null,
        channels: { CARDS: { state: 'closed', since: null, why: null, waiting: 0 } },
        held: 1,
        held_since: '2026-01-31T02:00:00.000Z',
        held_why: { our_fault: 1 },
        held_shown_by: 'dueday charges list --status held',
        catalog: { version: world.ctx.catalog.current.version, differs: true, why },
        due_charges: 0,
      },
    ]);
  });

  test('doctor says it too, with the same command', async () => {
    expect(await doctor('held charges')).toEqual({
      what: 'held charges',
      ok: false,
      detail:
        '1 charge waits for a person since 2026-01-31T02:00:00.000Z (our_fault 1); see them with: dueday charges list --status held',
    });
  });

  test('doctor tells of a catalog file that is not what is in force', async () => {
    const to = world.ctx.catalog.current.version;
    await putInForce(world.db, { from: null, to, shown: null, actor: 'start', reason: null, at: world.now() });
    const detail = expect.stringMatching(
      /^catalog.yaml \(\w{12}\) is another text than version 1 \(\w{12}\), which is in force: it is applied at the next start$/,
    );
    expect(await doctor('catalog in force')).toEqual({ what: 'catalog in force', ok: true, detail });
  });

  test('an edit of the file is a line of the log once, and so is its end', async () => {
    let why: string | null = null;
    const own = await apiOver(world.ctx, { catalogDiffers: () => why });
    const look = async () => void (await own.send('GET', '/health/ready', '', {}));
    const before = world.logged.length;
    await look();
    why = 'catalog.yaml (1) is another text than version 1 (2)';
    await look();
    await look();
    why = null;
    await look();
    expect(world.logged.slice(before)).toMatchObject([
      { level: 'warn', event: 'catalog file differs', facts: { why: expect.stringContaining('another text') } },
      { level: 'info', event: 'catalog file is what is in force again' },
    ]);
  });

  test('a thousand questions in a second cost one look, and one line of the log', async () => {
    let looks = 0;
    let fails = true;
    const now = async () => {
      looks += 1;
      if (fails) throw new Error('the database is away');
      return world.now();
    };
    const own = await apiOver({ ...world.ctx, clock: { kind: 'virtual', now } });
    const before = world.logged.length;
    const flood = () => Promise.all(Array.from({ length: 500 }, () => own.send('GET', '/health/ready', '', {})));
    const answers = [...(await flood()), ...(await flood())];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(looks).toBe(1);
    expect(world.logged.slice(before)).toMatchObject([{ level: 'warn', event: 'not ready' }]);
    fails = false;
    await vi.waitFor(async () => expect((await own.send('GET', '/health/ready', '', {})).status).toBe(200), 5_000);
    expect(looks).toBe(2);
    expect(world.logged.at(-1)).toMatchObject({ level: 'info', event: 'ready again' });
  });
});
