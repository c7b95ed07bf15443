import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Column } from './column.ts';
import { type AboutFile, about, contentTypes, relations, styles, workbook, workbookRelations } from './xlsx-parts.ts';
import { sheetText } from './xlsx-sheet.ts';

/**
 * A list as a workbook of Excel: typed cells under a head with filters, and a second sheet that says what was asked for. It is
 * written as it is read, and packed beside the event loop, so that its size costs neither memory nor charging.
 */
export function xlsxBytes<Row>(
  columns: readonly Column<Row>[],
  batches: AsyncIterable<readonly Row[]>,
  said: AboutFile,
): Readable {
  const zip = new ZipFile();
  const part = (path: string, text: string) => zip.addBuffer(Buffer.from(text), path);
  part('[Content_Types].xml', contentTypes);
  part('_rels/.rels', relations);
  part('xl/workbook.xml', workbook);
  part('xl/_rels/workbook.xml.rels', workbookRelations);
  part('xl/styles.xml', styles);
  part('xl/worksheets/sheet2.xml', about(said));
  const rows = Readable.from(sheetText(columns, batches));
  const packed = zip.outputStream as Readable;
  // Half a workbook must not be taken for one: whoever reads it learns that it broke off.
  rows.once('error', (error) => packed.destroy(error));
  packed.once('close', () => rows.destroy());
  zip.addReadStream(rows, 'xl/worksheets/sheet1.xml');
  zip.end();
  return packed;
}
