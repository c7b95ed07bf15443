import { stripVTControlCharacters } from 'node:util';

const letters = new Intl.Segmenter();
/** Letters that take two places on a terminal: of East Asia, and pictures. */
const DOUBLE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
/** What the last column needs at least to be read, folded into lines. */
const NARROWEST = 24;

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/**
 * Rows under their titles, as wide as their longest cell, two spaces apart; colours in cells do not count. Where a line of
 * `wide` letters does not hold them the last column is folded, and where that is too little each row is a paragraph of its
 * own: ids stay whole, so that they can be copied. Null: as wide as it gets.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], wide: number | null): string {
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, index) => Math.max(width(title), ...rows.map((row) => width(row[index] ?? ''))));
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + 2, 0);
  const room = wide === null ? Number.POSITIVE_INFINITY : wide - before;
  if (before + (widths[last] ?? 0) > (wide ?? Number.POSITIVE_INFINITY)) {
    if (room < NARROWEST) return paragraphs(titles, rows, wide ?? 0);
    widths[last] = room;
  }
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => filled(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const lines = (row: readonly string[]) => {
    const [first = '', ...more] = folded(row[last] ?? '', room);
    return [line([...row.slice(0, last), first]), ...more.map((text) => ' '.repeat(before) + text)];
  };
  return [titles, ...rows].flatMap(lines).join('\n');
}

/** Each row by itself: a title and its cell a line, folded beside its title. Cells with nothing in them are left out. */
function paragraphs(titles: readonly string[], rows: readonly (readonly string[])[], wide: number): string {
  const beside = Math.max(...titles.map(width)) + 2;
  const room = Math.max(NARROWEST, wide - beside);
  const field = (title: string, cell: string) =>
    folded(cell, room).map((text, index) => filled(index === 0 ? title : '', beside) + text);
  const paragraph = (row: readonly string[]) =>
    titles.flatMap((title, index) => (width(row[index] ?? '') === 0 ? [] : field(title, row[index] ?? ''))).join('\n');
  return rows.map(paragraph).join('\n\n');
}

/** The text in lines of so many letters, broken between words; a word that is longer than a line stays whole. */
function folded(text: string, room: number): readonly string[] {
  if (width(text) <= room) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && width(line) + 1 + width(word) <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The cell, filled with spaces up to the width. */
function filled(cell: string, wide: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, wide - width(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function width(text: string): number {
  return [...letters.segment(stripVTControlCharacters(text))].reduce(
    (sum, { segment }) => sum + (DOUBLE.test(segment) ? 2 : 1),
    0,
  );
}
