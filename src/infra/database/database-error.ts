type Names = { readonly constraint?: string | undefined; readonly table?: string | undefined };

/** A statement that failed: its code and the names in the schema, never its text or its parameters. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  /** An SQLSTATE of five characters, or the driver's word (`CONNECTION_CLOSED`, `ECONNREFUSED`). */
  readonly code: string;
  readonly constraint: string | null;
  readonly table: string | null;
  /** For whoever answers HTTP: 503 for what may pass by itself, 500 for what will not. */
  readonly statusCode: 500 | 503;

  constructor(message: string, code: string, names: Names = {}) {
    super(message);
    this.code = code;
    this.constraint = names.constraint ?? null;
    this.table = names.table ?? null;
    this.statusCode = FAULTS.test(code) ? 503 : 500;
  }
}

/** No answer within the deadline: whether the statement happened is unknown. */
export class DatabaseTimeout extends DatabaseError {
  override readonly name = 'DatabaseTimeout';

  constructor(message: string) {
    super(message, 'DEADLINE');
  }
}

/** A row or a table that somebody else held on to for longer than a statement waits; nothing of the statement happened. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '55P03';
}

/**
 * The connection was lost, the server is not there (yet, any more), or a race between statements was lost: the statement
 * may have happened or not, and a guarded one is safe to repeat. 25006: the server became a standby.
 */
export function isConnectionFault(error: unknown): boolean {
  return error instanceof DatabaseError && FAULTS.test(error.code);
}

const FAULTS =
  /^(08...|57P0.|57014|40001|40P01|55P03|53...|25006|DEADLINE|CONNECT_TIMEOUT|CONNECTION_\w+|ECONN\w+|EPIPE|ETIMEDOUT|ENOENT|EHOST\w+|ENET\w+|ENOTFOUND|EAI_AGAIN)$/;

/**
 * Classes of SQLSTATE whose messages name things of the schema and of the server, never values. The others may quote a
 * parameter (22P02: `invalid input syntax for type uuid: "..."`), and a detail always may: those are dropped.
 */
const HARMLESS = /^(08|23|25|28|3D|40|42|53|55|57|P0)...$/;
const SYNTAX_ERROR = '42601';

/** Nobody there, nobody of that name, no such database: mostly an address that is wrong. */
const ELSEWHERE = /^(28...|3D...|ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN)$/;

type Reported = Error & { readonly code?: unknown; readonly constraint_name?: string; readonly table_name?: string };

const LOOK_THERE = 'Look whether it runs, and where DATABASE_URL leads.';

/**
 * What postgres.js threw, without what it knows of the statement. The cause is dropped with it: loggers print causes.
 * `lookThere`: where a person looks when nobody is there.
 */
export function databaseError(thrown: unknown, lookThere = LOOK_THERE): DatabaseError {
  if (thrown instanceof DatabaseError) return thrown;
  const { name, code, message, constraint_name: constraint, table_name: table } = thrown as Reported;
  if (typeof code !== 'string') return new DatabaseError(`The statement could not be sent (${name}).`, 'NOT_SENT');
  const isHarmless = code !== SYNTAX_ERROR && (HARMLESS.test(code) || FAULTS.test(code));
  const said = isHarmless ? message.slice(0, 200) : 'its message may quote values and is left out';
  const wayOut = ELSEWHERE.test(code) ? ` ${lookThere}` : '';
  return new DatabaseError(`The database answered ${code}: ${said}.${wayOut}`, code, { constraint, table });
}
