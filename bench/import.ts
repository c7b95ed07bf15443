import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { runCommand } from './command.ts';
import { openStage } from './stage.ts';

/*
 * How long `dueday import` takes for a file whose tokens were all looked up, and how much memory: `npm run bench:import -- 100000`. The
 * answers of Xendit are written down before, as another file of the same tokens would have left them.
 */

const count = Number(process.argv[2] ?? 100_000);
const stage = await openStage(process.env.DATABASE_URL);
try {
  const { ctx, directory } = stage;
  const file = join(directory, 'subscribers.csv');
  const day = (await ctx.clock.now()).toZonedDateTimeISO('Asia/Jakarta').toPlainDate();
  writeFileSync(file, linesOf(count, day));
  await answered(count);
  const { stdout, words } = runCommand(stage, 'import', file);
  console.log(`${stdout.trim()}\n${count} lines in ${words}`);
} finally {
  await stage.close();
}

function linesOf(many: number, today: Temporal.PlainDate): string {
  const head =
    'reference_id,plan,customer_reference,customer_id,payment_token_id,next_payment_date,cycle,amount,time_zone,metadata';
  const lines = Array.from({ length: many }, (_, n) => {
    const id = String(n).padStart(36, '0');
    return `old-${n},m,person-${n},cust-${id},pt-${id},${today.add({ days: 2 + (n % 26) }).toString()},${n % 40},,,`;
  });
  return `${[head, ...lines].join('\n')}\n`;
}

/** What Xendit would have said of each token, at the lines of an import that was looked at and never created. */
async function answered(many: number): Promise<void> {
  const { db, clock } = stage.ctx;
  const now = (await clock.now()).toString();
  const method = JSON.stringify({
    customerId: null,
    channelCode: 'CARDS',
    country: 'ID',
    currency: 'IDR',
    status: 'active',
    label: '•••• 1000',
    network: 'VISA',
    fingerprint: null,
    expiryMonth: '12',
    expiryYear: '2040',
  });
  for (let from = 0; from < many; from += 5_000) {
    const ns = Array.from({ length: Math.min(5_000, many - from) }, (_, index) => from + index);
    const indexes = ns.map((n) => db.vault.index(`pt-${String(n).padStart(36, '0')}`));
    await db.run(sql`insert into import_rows (bucket, import_id, line, reference_id, cycle, state, token_index, method, looked_at)
      select n % 256, 'before', n + 2, 'before-' || n, 0, 'good', i, ${method}::jsonb, ${now}::timestamptz
      from unnest(${sql.param(ns)}::int[], ${sql.param(indexes)}::text[]) as u(n, i)`);
  }
  await db.run(
    sql`insert into imports (digest, file, rows, state, actor, started_at) values ('before', 'before.csv', ${many}, 'checked', 'bench', ${now}::timestamptz)`,
  );
}
