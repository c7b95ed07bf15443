import { stripVTControlCharacters } from 'node:util';

const letters = new Intl.Segmenter();

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** Rows under their titles, as wide as their longest cell, two spaces apart. Colours in cells do not count. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, index) => Math.max(width(title), ...rows.map((row) => width(row[index] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => filled(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [titles, ...rows].map(line).join('\n');
}

/** The cell, filled with spaces up to the width. */
function filled(cell: string, wide: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, wide - width(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function width(text: string): number {
  return [...letters.segment(stripVTControlCharacters(text))].length;
}
