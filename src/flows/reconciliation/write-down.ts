import type { Context } from '../../context.ts';
import type { Finding } from '../../domain/finding.ts';
import { majorText } from '../../domain/money.ts';
import { writeFindings } from '../../infra/postgres/findings.ts';
import { findingRow } from '../billing/proposed-refunds.ts';
import type { Comparison } from './comparison.ts';

/** Writes findings down, each once, and tells the admin of those that are new. */
export async function writeDown(
  ctx: Context,
  findings: readonly Finding[],
  { tally, differing }: Comparison,
): Promise<void> {
  if (findings.length === 0) return;
  const now = await ctx.clock.now();
  const fresh = await writeFindings(
    ctx.db,
    findings.map((finding) => findingRow(finding, now)),
  );
  const isNew = new Set(fresh.map(({ kind, reference }) => `${kind} ${reference}`));
  for (const finding of findings) {
    differing.add(finding.reference);
    if (!isNew.has(`${finding.kind} ${finding.reference}`)) continue;
    tally.found[finding.kind] += 1;
    tell(ctx, finding);
  }
}

export function tell(ctx: Context, { kind, reference, subscriptionId, refund, paymentId, why }: Finding): void {
  const proposed = refund === null ? null : `${refund.currency} ${majorText(refund)}`;
  ctx.log.error('the books differ', {
    finding: kind,
    reference_id: reference,
    subscription_id: subscriptionId,
    payment_id: paymentId,
    proposed_refund: proposed,
    why,
  });
}
