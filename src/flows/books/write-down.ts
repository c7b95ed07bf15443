import type { Context } from '../../context.ts';
import type { Finding } from '../../domain/books/finding.ts';
import { writeFindings } from '../../infra/tables/books/findings.ts';
import type { NewFinding } from '../../infra/tables/schema/change-columns.ts';
import { findingRow, proposedRefund } from '../change/findings/proposed-refunds.ts';
import type { Comparison } from './comparison.ts';

/** Writes findings down, each once, and tells the admin of those that are new. */
export async function writeDown(
  ctx: Context,
  findings: readonly Finding[],
  { tally, differing }: Comparison,
): Promise<void> {
  if (findings.length === 0) return;
  const now = await ctx.clock.now();
  const rows = findings.map((finding) => findingRow(finding, now));
  const fresh = await writeFindings(ctx.db, rows);
  const isNew = new Set(fresh.map(({ kind, reference }) => `${kind} ${reference}`));
  for (const { kind, reference } of findings) {
    differing.add(reference);
    if (isNew.has(`${kind} ${reference}`)) tally.found[kind] += 1;
  }
  for (const row of rows) if (isNew.has(`${row.kind} ${row.reference}`)) tell(ctx, row);
}

/** For the admin: somebody has to decide. */
export function tell(ctx: Context, row: NewFinding): void {
  ctx.log.error('the books differ', proposedRefund(row));
}
