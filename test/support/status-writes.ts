import { type Node, parseSync } from 'oxc-parser';

/** A place that writes a status: its line, and what it says. */
export type StatusWrite = { readonly line: number; readonly text: string };

/** What is written by moves alone: a status, and the time of an attempt's outcome, which always goes with the outcome itself. */
const WRITTEN_BY_MOVES = new Set(['status', 'outcomeAt']);

/**
 * Where source text writes a status: into an object, into a property, or in SQL. A status that is copied as it is
 * (`status: charge.status`) is read, and not written.
 */
export function statusWrites(path: string, text: string): readonly StatusWrite[] {
  const { program } = parseSync(path, text);
  const found: Node[] = [];
  visit(program, (node) => {
    if (isWrite(node)) found.push(node);
  });
  return found.map(({ start, end }) => ({
    line: text.slice(0, start).split('\n').length,
    text: text.slice(start, end).replaceAll(/\s+/g, ' ').slice(0, 100),
  }));
}

function visit(node: Node, seen: (node: Node) => void): void {
  seen(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (typeof child?.type === 'string') visit(child, seen);
  }
}

function isWrite(node: Node): boolean {
  switch (node.type) {
    case 'ObjectExpression':
      return node.properties.some((one) => one.type === 'Property' && isOfMoves(one.key) && !isCopy(one.value));
    case 'AssignmentExpression':
      return node.left.type === 'MemberExpression' && isOfMoves(node.left.property);
    case 'TemplateLiteral':
      return isSqlWrite(node.quasis.map(({ value }) => value.raw).join('?'));
    default:
      return false;
  }
}

function isOfMoves(key: Node): boolean {
  if (key.type === 'Identifier') return WRITTEN_BY_MOVES.has(key.name);
  return key.type === 'Literal' && typeof key.value === 'string' && WRITTEN_BY_MOVES.has(key.value);
}

/** The same property of another object; a cast changes nothing. */
function isCopy(value: Node): boolean {
  if (value.type === 'TSAsExpression') return isCopy(value.expression);
  return value.type === 'MemberExpression' && isOfMoves(value.property);
}

/** A column that an update assigns, which has no table before its name there, or that an insert names. */
function isSqlWrite(sql: string): boolean {
  return (
    /(?:\bset|,)\s+(?:status|outcome_at)\s*=/i.test(sql) ||
    /\binsert\s+into\b[^()]*\([^()]*\b(?:status|outcome_at)\b/i.test(sql)
  );
}
