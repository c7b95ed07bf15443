import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Failpoint } from '../../src/infra/failpoints.ts';
import { daemonVariables, sandboxFor, xenditVariables } from '../support/daemon.ts';
import { testDatabase } from '../support/database.ts';
import { csv, fileOf, line } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* `dueday import` and `dueday import switch` in processes of their own, killed at each step, with the stand-in for Xendit. */

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', ...made });
const COUNT = 40;

const killed: readonly (readonly [Failpoint, pass: number, verb: 'import' | 'switch'])[] = [
  ['before-writing-lines', 1, 'import'],
  ['before-keeping-looks', 2, 'import'],
  ['after-keeping-looks', 1, 'import'],
  ['before-beginning-to-create', 1, 'import'],
  ['before-creating-imported', 1, 'import'],
  ['after-creating-imported', 1, 'import'],
  ['before-ending-import', 1, 'import'],
  ['before-switching', 3, 'switch'],
  ['after-switching', 3, 'switch'],
  ['after-keeping-switch', 3, 'switch'],
];

test.each(killed)(
  'killed %s, pass %i of %s: each line is done or not done, and the same command does the rest',
  { timeout: 240_000 },
  async (point, pass, verb) => {
    await world.startOver('2026-01-31T02:00:00Z');
    const sandbox = await sandboxFor(9);
    const path = fileOf(await subscribersAt(sandbox.url));
    const settings = daemonVariables(made.url, xenditVariables(sandbox, 0));
    const dueday = async (words: readonly string[], failpoint?: string) =>
      await run(words, { ...settings, ...(failpoint !== undefined && { DUEDAY_FAILPOINT: failpoint }) });
    if (verb === 'switch') expect(await dueday(['import', path])).toMatchObject({ code: 0 });
    const words = verb === 'import' ? ['import', path] : ['import', 'switch'];
    expect(await dueday(words, `${point}:${pass}:kill`)).toMatchObject({ signal: 'SIGKILL' });
    expect(await halves()).toEqual([]);
    expect(await dueday(words)).toMatchObject({ code: 0 });
    expect(await dueday(['import', path])).toMatchObject({ code: 0, out: expect.stringMatching(/^Nothing to do/) });
    const [all] = await world.ask(sql`select count(*)::int as n, count(distinct reference_id)::int as names,
    count(*) filter (where status = ${verb === 'import' ? 'paused' : 'active'})::int as right from subscriptions`);
    expect(all).toEqual({ n: COUNT, names: COUNT, right: COUNT });
    expect(await halves()).toEqual([]);
  },
);

/** Subscriptions without their line, lines without their subscription, and what was written twice. */
async function halves(): Promise<readonly unknown[]> {
  return await world.ask(sql`select s.reference_id from subscriptions s
      where not exists (select from import_rows r where r.subscription_id = s.id and r.state in ('created', 'switched'))
    union all select r.reference_id from import_rows r
      where r.state in ('created', 'switched') and not exists (select from subscriptions s where s.id = r.subscription_id)
    union all select l.subscription_reference from ledger l where l.kind in ('subscription.created', 'subscription.resumed')
      group by l.subscription_reference, l.kind having count(*) > 1
    union all select s.reference_id from subscriptions s where (select count(*) from terms t where t.subscription_id = s.id) <> 1
      or (select count(*) from subscription_methods m where m.subscription_id = s.id) <> 1`);
}

/** Customers of the stand-in, whose methods were saved elsewhere. */
async function subscribersAt(url: string): Promise<string> {
  const date = Temporal.Now.plainDateISO('Asia/Jakarta').add({ days: 5 }).toString();
  const lines: string[] = [];
  for (let n = 1; n <= COUNT; n += 1) {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ customer_reference: `person-${n}` });
    const answer = await fetch(`${url}/_sandbox/tokens`, { method: 'POST', headers, body });
    const { customer_id, payment_token_id } = (await answer.json()) as {
      customer_id: string;
      payment_token_id: string;
    };
    lines.push(line(n, { customerId: customer_id, token: payment_token_id, date }));
  }
  return csv(...lines);
}

async function run(words: readonly string[], settings: Readonly<Record<string, string>>) {
  const env = { PATH: process.env.PATH ?? '', ...settings };
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stdout.on('data', (text) => said.push(String(text)));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out: said.join('') };
}
