const FURTHEST = 3;
const LONGEST = 64;

/** ` (did you mean "currency"?)` when one of the known words is near enough to be the one that was meant, else ''. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (word.length > LONGEST) return '';
  const near = known
    .map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits: n }) => n <= Math.min(FURTHEST, Math.floor(candidate.length / 2)))
    .toSorted((a, b) => a.edits - b.edits);
  return near[0] === undefined ? '' : ` (did you mean "${near[0].candidate}"?)`;
}

/** Letters to insert, remove or replace between two words (Levenshtein). */
function edits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
