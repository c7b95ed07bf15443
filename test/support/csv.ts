/** Reads CSV as RFC 4180 says, letter by letter, after the mark that a file of ours begins with; a letter between a closing quote and the next comma is a fault. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const next = (): void => {
    rows.at(-1)?.push(cell);
    cell = '';
    state = 'start';
  };
  if (!text.startsWith('\ufeff')) throw new Error('The mark of UTF-8 is missing.');
  for (const letter of text.slice(1)) {
    if (state === 'quoted') {
      if (letter === '"') state = 'closed';
      else cell += letter;
    } else if (letter === '"' && state !== 'plain') {
      if (state === 'closed') cell += '"';
      state = 'quoted';
    } else if (letter === ',') next();
    else if (letter === '\n') {
      next();
      rows.push([]);
    } else {
      if (state === 'closed' || letter === '"' || letter === '\r') throw new Error(`${letter} may not stand there`);
      cell += letter;
      state = 'plain';
    }
  }
  if (rows.at(-1)?.length === 0 && cell === '') rows.pop();
  return rows;
}
