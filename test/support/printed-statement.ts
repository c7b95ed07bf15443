const WIDTH = 120;
const CLAUSE = /^(?:from|join|where|set|order by|group by|returning|select|values|on conflict)\b/;
/** One array a column, JSON as lines: the first and the last say enough. */
const ARRAYS =
  /unnest\((?:string_to_array\()?(\$\d+)::(?:[^()]|string_to_array\([^()]*\))*?(\$\d+)::[^()$]*(?:\)::\w+\[\])?\)(?= as )/g;

/** A statement of parts, for people: each part after its comment, which is taken from what was printed before (`-- ?` where there was none). */
export function printedStatement(text: string, before: string): string {
  const body = text.replaceAll(/\s+/g, ' ').replaceAll(ARRAYS, 'unnest($1 .. $2)').trim();
  const { parts, rest } = partsOf(body.slice('with '.length));
  const head = /^(?:-- .*\n)+\n/.exec(before)?.[0] ?? '-- ?\n\n';
  const printed = parts.map((part) => `${commentOn(nameOf(part), before)}${wrapped(part)}`);
  return `${head}with\n${printed.join(',\n\n')}\n\n${commentOn('select', before)}${rest}\n`;
}

function nameOf(part: string): string {
  return part.slice(0, part.indexOf(' '));
}

function commentOn(name: string, before: string): string {
  const found = new RegExp(`((?:^-- .*\\n)+)${name} `, 'm').exec(before);
  return found?.[1] ?? '-- ?\n';
}

/** The parts of a `with`, and what follows them. */
function partsOf(text: string): { readonly parts: readonly string[]; readonly rest: string } {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth > 0 || text[at] !== ')') continue;
    parts.push(text.slice(start, at + 1).trim());
    if (text[at + 1] !== ',') return { parts, rest: text.slice(at + 1).trim() };
    start = at + 2;
    at += 1;
  }
  throw new Error('The statement ends within a part.');
}

/** Clauses on lines of their own, indented by their depth, and no line longer than `WIDTH`. */
function wrapped(part: string): string {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const words = part.split(' ');
  for (const [index, word] of words.entries()) {
    const isClause = CLAUSE.test(words.slice(index, index + 2).join(' ')) && !line.trim().endsWith('distinct');
    if (index > 0 && (isClause || line.length + word.length >= WIDTH)) {
      lines.push(line);
      line = `${'  '.repeat(Math.max(depth, 1) + (isClause ? 0 : 1))}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
    depth += (word.match(/\(/g)?.length ?? 0) - (word.match(/\)/g)?.length ?? 0);
  }
  return [...lines, line].join('\n');
}
