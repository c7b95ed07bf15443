/** A statement that the database refused: its SQLSTATE and constraint, never its text or parameters. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  readonly code: string;
  readonly constraint: string | null;
  readonly table: string | null;

  constructor(code: string, constraint: string | null, table: string | null) {
    super(`The database answered ${code}${constraint === null ? '' : ` (${constraint})`}${table === null ? '' : ` on ${table}`}.`);
    this.code = code;
    this.constraint = constraint;
    this.table = table;
  }
}

/** No answer within the deadline: whether the statement happened is unknown. */
export class DatabaseTimeout extends DatabaseError {
  override readonly name = 'DatabaseTimeout';

  constructor(deadlineMs: number) {
    super('DEADLINE', null, null);
    this.message = `The database did not answer within ${deadlineMs} ms; the connection pool was replaced.`;
  }
}

/** Two statements wanted the same unique name; the loser looks again. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23505';
}

/** The statement may or may not have happened, or lost a race: a guarded one is safe to repeat. */
export function isConnectionFault(error: unknown): boolean {
  return error instanceof DatabaseError && /^(08|57P0|57014|40001|40P01|55P03|DEADLINE|CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOENT|53)/.test(error.code);
}

type Reported = { readonly code?: unknown; readonly constraint_name?: unknown; readonly table_name?: unknown; readonly cause?: unknown };

/** Drizzle's errors carry all parameters in their message: only code and names survive (reliability-facts, section 0.5). */
export function translate(error: unknown): unknown {
  if (error instanceof DatabaseError) return error;
  const reported = (error as Reported | null)?.cause ?? error;
  const { code, constraint_name: constraint, table_name: table } = (reported ?? {}) as Reported;
  if (typeof code !== 'string') return error instanceof Error && error.name !== 'DrizzleQueryError' ? error : new DatabaseError('UNKNOWN', null, null);
  return new DatabaseError(code, typeof constraint === 'string' ? constraint : null, typeof table === 'string' ? table : null);
}
