import type { ImportFault } from './header.ts';
import type { ImportedRow } from './imported-row.ts';

/** What was read of a file so far: names alone, however long its lines are. */
export type SeenRows = {
  readonly references: Map<string, number>;
  readonly customers: Map<string, string>;
  readonly ids: Map<string, string>;
  readonly tokens: Map<string, string>;
};

export function nothingSeen(): SeenRows {
  return { references: new Map(), customers: new Map(), ids: new Map(), tokens: new Map() };
}

/** What contradicts an earlier line of the same file; a line that contradicts none is remembered. */
export function againstEarlier(seen: SeenRows, row: ImportedRow): readonly ImportFault[] {
  const { line, referenceId, customerReference, customerId, tokenId } = row;
  const twice = seen.references.get(referenceId);
  const [idBefore, nameBefore] = [seen.customers.get(customerReference), seen.ids.get(customerId)];
  const payer = seen.tokens.get(tokenId);
  const faults: ImportFault[] = [];
  const found = (column: string, message: string) => faults.push({ line, column, message });
  if (twice !== undefined)
    found('reference_id', `${referenceId} stands in line ${twice} too: each names one subscription`);
  if (idBefore !== undefined && idBefore !== customerId)
    found('customer_id', `is ${customerId}, and an earlier line has ${idBefore} for ${customerReference}`);
  if (nameBefore !== undefined && nameBefore !== customerReference)
    found('customer_reference', `is ${customerReference}, and an earlier line has ${nameBefore} for ${customerId}`);
  // Xendit need not say whose a token is.
  if (payer !== undefined && payer !== customerReference)
    found('payment_token_id', `is the one that an earlier line has for ${payer}: a method is that of one customer`);
  if (faults.length > 0) return faults;
  seen.references.set(referenceId, line);
  seen.customers.set(customerReference, customerId);
  seen.ids.set(customerId, customerReference);
  seen.tokens.set(tokenId, customerReference);
  return faults;
}
