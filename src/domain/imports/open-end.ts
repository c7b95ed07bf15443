import type { ImportFault } from './header.ts';
import type { ImportedRow } from './imported-row.ts';

/**
 * What is wrong where no line break ends the last line of a file. A file that was cut off ends so, and so does one of a spreadsheet that
 * writes none. Of most columns a value that is cut off is told by itself: half a date, an id of fewer characters, a zone that is none. Half
 * an amount is another amount, half a name another name, and half a cycle decides when a plan that ends is over: none of them is guessed.
 */
export function openEndFault({ line, plan }: ImportedRow, lastColumn: string): readonly ImportFault[] {
  const mayBeCut =
    ['amount', 'reference_id', 'customer_reference', 'plan'].includes(lastColumn) ||
    (lastColumn === 'cycle' && plan.endsAfter !== null);
  if (!mayBeCut) return [];
  const message =
    'may be cut off, since no line break ends the last line of the file: look whether it is whole, and add a line break';
  return [{ line, column: lastColumn, message }];
}
