import { readFileSync } from 'node:fs';

/** What nobody but dueday should read. Each may stand in a file, which the variable of this name with `_FILE` names. */
const SECRETS = [
  'DATABASE_URL',
  'DUEDAY_WEBHOOK_DATABASE_URL',
  'XENDIT_SECRET_KEY',
  'XENDIT_WEBHOOK_TOKEN',
  'DUEDAY_API_KEY',
  'DUEDAY_TOKEN_KEYS',
] as const;

export const SECRET_FILES: readonly string[] = SECRETS.map((name) => `${name}_FILE`);

type Variables = Readonly<Record<string, string | undefined>>;

export type Unfolded = {
  /** With the secret of each file under the name that it would have as a variable. */
  readonly variables: Variables;
  readonly faults: readonly string[];
  /** What a person calls a variable: by the one that names the file, where its value came from there. */
  readonly nameOf: (variable: string) => string;
};

/** Reads the files of secrets that the environment names. No fault repeats what is in one. */
export function unfoldSecrets(source: Variables): Unfolded {
  const read = new Map<string, string>();
  const faults: string[] = [];
  for (const name of SECRETS) {
    const file = source[`${name}_FILE`] ?? '';
    if (file === '') continue;
    const fault =
      (source[name] ?? '') === '' ? readInto(read, name, file) : `is refused beside ${name}; unset one of the two`;
    if (fault !== null) faults.push(`${name}_FILE: ${fault}`);
  }
  const nameOf = (variable: string) => (read.has(variable) ? `${variable}_FILE` : variable);
  return { variables: { ...source, ...Object.fromEntries(read) }, faults, nameOf };
}

/** The end of the last line, and a byte order mark, are the editor's and no part of the secret. Answers what is wrong with the file. */
function readInto(read: Map<string, string>, name: string, file: string): string | null {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret === '') return `${file} is empty; write the secret into it`;
    read.set(name, secret);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'for no known reason';
    return `${file} cannot be read (${code}). Name the file with the secret, and let this user read it`;
  }
}
