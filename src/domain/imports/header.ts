import { didYouMean } from '../catalog/did-you-mean.ts';

const NEEDED = [
  'reference_id',
  'plan',
  'customer_reference',
  'customer_id',
  'payment_token_id',
  'next_payment_date',
  'cycle',
] as const;
const OPTIONAL = ['amount', 'time_zone', 'metadata'] as const;
export const importColumns = [...NEEDED, ...OPTIONAL];
export type ImportColumn = (typeof importColumns)[number];

/** What is wrong in a file, and where: `column` is the name that its first line gives, null: the line as a whole. */
export type ImportFault = { readonly line: number; readonly column: string | null; readonly message: string };

/** A column of the file in the place of the comma: what spreadsheets of other countries write. */
const DELIMITERS: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** What is wrong with the first line, which names the columns in whatever order. */
export function headerFaults(line: number, names: readonly string[]): readonly ImportFault[] {
  const separated = delimiterFault(names);
  if (separated !== null) return [{ line, column: null, message: separated }];
  return [
    ...names.flatMap((name, index) => nameFaults(line, name, index, names)),
    ...NEEDED.filter((name) => !names.includes(name)).map((column) => ({
      line,
      column,
      message: 'is missing: each file has this column',
    })),
  ];
}

function delimiterFault(names: readonly string[]): string | null {
  const [only = ''] = names;
  if (names.length !== 1) return null;
  const [, words] = Object.entries(DELIMITERS).find(([sign]) => only.includes(sign)) ?? [];
  return words === undefined ? null : `is separated by ${words}: save the file with commas between its columns`;
}

function nameFaults(line: number, name: string, index: number, names: readonly string[]): readonly ImportFault[] {
  if (name === '')
    return [
      { line, column: null, message: `has no name for column ${index + 1}: a comma too many, or a name too few` },
    ];
  if (names.indexOf(name) < index) return [{ line, column: name, message: 'stands there twice' }];
  if (importColumns.some((known) => known === name)) return [];
  const message = `is no column of an import${didYouMean(name, importColumns)}; there are ${importColumns.join(', ')}`;
  return [{ line, column: name, message }];
}

/** The cells of a line by the names of their columns; or why these cannot be told. */
export function cellsOf(
  line: number,
  names: readonly string[],
  cells: readonly string[],
): ReadonlyMap<string, string> | ImportFault {
  const lost = cells.findIndex((cell) => cell.includes('\ufffd') || cell.includes('\0'));
  if (lost >= 0)
    return {
      line,
      column: names[lost] ?? null,
      message: 'has a character that was lost: save the file as CSV in UTF-8',
    };
  if (cells.length === names.length) return new Map(names.map((name, index) => [name, cells[index] ?? '']));
  const few = 'half a line, or a comma too few';
  const many = 'a comma too many, or a text with commas that is not in quotes';
  const message = `has ${cells.length} cells, and the first line ${names.length}: ${cells.length < names.length ? few : many}`;
  return { line, column: null, message };
}
