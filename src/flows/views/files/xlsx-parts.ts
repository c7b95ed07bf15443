import { xmlText } from './xml-text.ts';

/** What stands on the second sheet: what the rows are, and whose time it is. */
export type AboutFile = readonly (readonly [what: string, said: string])[];

/*
 * The fixed parts of a workbook (ECMA-376, part 1, SpreadsheetML): the least that Excel and LibreOffice open without a question. The
 * forms of numbers are those of the reader's own country: what is written is the number, and its country shows it.
 */

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
export const contentTypes = `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/></Types>`;

const relation = (id: number, kind: string, target: string) =>
  `<Relationship Id="rId${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
const relationsOf = (...all: readonly string[]) =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">${all.join('')}</Relationships>`;

export const relations = relationsOf(relation(1, 'officeDocument', 'xl/workbook.xml'));
export const workbookRelations = relationsOf(
  relation(1, 'worksheet', 'worksheets/sheet1.xml'),
  relation(2, 'worksheet', 'worksheets/sheet2.xml'),
  relation(3, 'styles', 'styles.xml'),
);

export const workbook = `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Rows" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets></workbook>`;

/** The places of the forms below, in their order. 49 is text, 1 and 3 whole numbers, 4 numbers with two decimals. */
const forms = { plain: 0, head: 0, text: 49, count: 1, whole: 3, cents: 4, date: 164, local: 165 } as const;
type Form = keyof typeof forms;
export const styleOf = Object.fromEntries(Object.keys(forms).map((form, index) => [form, index])) as Readonly<
  Record<Form, number>
>;

const cellForms = Object.entries(forms).map(([form, number]) => {
  return `<xf numFmtId="${number}" fontId="${form === 'head' ? 1 : 0}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`;
});

export const styles = `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${cellForms.length}">${cellForms.join('')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** Where a sheet begins: its head stays in sight, and its columns have these widths. */
export function sheetHead(widths: readonly number[]): string {
  const columns = widths.map((width, index) => {
    return `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
  });
  const head = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${head}</sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData>`;
}

/** The second sheet: what the rows of the first are. */
export function about(said: AboutFile): string {
  const cell = (place: string, text: string, style: number) =>
    `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
  const rows = said.map(([what, text], index) => {
    const row = index + 1;
    return `<row r="${row}">${cell(`A${row}`, what, styleOf.head)}${cell(`B${row}`, text, styleOf.text)}</row>`;
  });
  const columns =
    '<cols><col min="1" max="1" width="16" customWidth="1"/><col min="2" max="2" width="90" customWidth="1"/></cols>';
  return `${XML}<worksheet xmlns="${MAIN}">${columns}<sheetData>${rows.join('')}</sheetData></worksheet>`;
}
