import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../../../database/db.ts';
import { payLinks } from '../../schema/charges.ts';
import type { PayLinkRow } from '../../schema/paying-columns.ts';

/** The link of a charge that was handed out last; null when none was. */
export async function newestLink(db: Database, bucket: number, chargeId: string): Promise<PayLinkRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(payLinks)
    .where(and(eq(payLinks.bucket, bucket), eq(payLinks.chargeId, chargeId)))
    .orderBy(desc(payLinks.number))
    .limit(1);
  return row ?? null;
}

/** One link by its name; null when it was never handed out, or its row is gone. */
export async function payLink(
  db: Database,
  bucket: number,
  chargeId: string,
  number: number,
): Promise<PayLinkRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(payLinks)
    .where(and(eq(payLinks.bucket, bucket), eq(payLinks.chargeId, chargeId), eq(payLinks.number, number)))
    .limit(1);
  return row ?? null;
}
