import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A piece of SQL as it stands in a source file, with its braces; `inside` is the function or constant that it belongs to. */
export type StatementText = { readonly file: string; readonly inside: string; readonly text: string };

const TABLES = join(import.meta.dirname, '..', '..', 'src', 'infra', 'tables');

/** Every template that is tagged `sql` or `fragment` in src/infra/tables; one within another stands in the text of the outer one. */
export function statementTexts(): readonly StatementText[] {
  const files = readdirSync(TABLES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('schema'),
  );
  return files.flatMap((file) => textsIn(file, readFileSync(join(TABLES, file), 'utf8')));
}

export function textsIn(file: string, source: string): readonly StatementText[] {
  const found: StatementText[] = [];
  const begins = /\b(?:sql|fragment)(?:<\w+>)?`/g;
  for (let match = begins.exec(source); match !== null; match = begins.exec(source)) {
    const end = endOfTemplate(source, begins.lastIndex);
    found.push({ file, inside: nameBefore(source, match.index), text: source.slice(begins.lastIndex, end) });
    begins.lastIndex = end + 1;
  }
  return found;
}

/** Where the template that begins at `from` ends; templates within its braces are passed over. */
function endOfTemplate(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '`') return at;
    if (source.startsWith('${', at)) at = endOfBraces(source, at + 2);
  }
  throw new Error('A template has no end.');
}

function endOfBraces(source: string, from: number): number {
  let depth = 1;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '`') at = endOfTemplate(source, at + 1);
    else if (source[at] === '{') depth += 1;
    else if (source[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('A brace has no end.');
}

function nameBefore(source: string, at: number): string {
  const names = [...source.slice(0, at).matchAll(/^(?:export )?(?:async )?(?:function|const) (\w+)/gm)];
  return names.at(-1)?.[1] ?? '';
}
