import { type Document, LineCounter, parseDocument } from 'yaml';
import { byPlace, type Path, type Place, type YamlFault } from './yaml-fault.ts';
import { nodeFaults } from './yaml-nodes.ts';
import { finder } from './yaml-places.ts';

/** A YAML text with its values, and the way back from a value to its place. */
export type YamlSource = {
  /** Plain values; null when nothing is there. */
  readonly values: unknown;
  readonly faults: readonly YamlFault[];
  /** Where the text stops being YAML: values after it were guessed by the parser. null: it is whole. */
  readonly brokenFrom: Place | null;
  /** Where the value is, or its key; of a path that does not exist, the place of what should hold it. */
  place(path: Path, of: 'value' | 'key'): Place;
};

// A price or a policy may be shared by many plans, but a "billion laughs" file must not be unfolded.
const MOST_ALIASES = 1000;

/** Errors inside one scalar: the tree around it can be trusted. */
const LOCAL: ReadonlySet<string> = new Set(['BAD_ALIAS', 'BAD_DQ_ESCAPE', 'BAD_SCALAR_START', 'TAG_RESOLVE_FAILED']);

/** For what the parser says to programmers. */
const NO_COLON = 'has no colon with a blank behind its key, as in "country: ID"';
const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'begins with a tab, but YAML indents with blanks alone',
  MULTILINE_IMPLICIT_KEY: NO_COLON,
  'Implicit map keys need to be followed by map values': NO_COLON,
  BLOCK_AS_IMPLICIT_KEY: 'is no "key: value": a colon is missing, or is one too many',
  MULTIPLE_DOCS: 'begins a second document, but a catalog is one: remove the line ---',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
};

/**
 * Reads one YAML 1.2 document. Duplicate keys, unknown aliases and keys that are no plain text are faults. Numbers
 * under a key in `asWritten`, and numbers that are keys, come as the text that was written: 10.10 keeps its digits.
 */
export function readYaml(text: string, asWritten: ReadonlySet<string>): YamlSource {
  const lines = new LineCounter();
  // uniqueKeys compares every key with every other (10 s for 30,000 plans); `nodeFaults` needs one pass.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const;
  const document = parseDocument(text, options);
  const placeAt = (offset: number) => placeIn(lines, offset);
  const syntax = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    code: String(code),
    ...placeAt(pos[0]),
    path: [],
    message: WORDS[code] ?? WORDS[message] ?? message,
  }));
  const nodes = nodeFaults(document, asWritten, placeAt);
  const { values, faults } = unfold(document);
  const find = finder(document);
  const brokenFrom = syntax.filter(({ code }) => !LOCAL.has(code)).toSorted(byPlace)[0] ?? null;
  const written = [...firstOfEachLine(syntax), ...nodes].filter(isBefore(brokenFrom));
  const told = brokenFrom === null ? written : [...written, brokenFrom];
  return {
    values,
    faults: [...told, ...versionFaults(document), ...nulFaults(text, placeAt), ...faults],
    brokenFrom,
    place: (path, of) => placeAt(find(path, of)),
  };
}

/** One slip is one fault: from the line of a break on the parser guesses, and what it complains of follows from its guess. */
export function isBefore(brokenFrom: Place | null): (fault: Place) => boolean {
  return ({ line }) => brokenFrom === null || line < brokenFrom.line;
}

function placeIn(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** One slip makes the parser complain many times over; the first complaint of a line is the one that helps. */
function firstOfEachLine<T extends Place>(faults: readonly T[]): readonly T[] {
  const seen = new Set<number>();
  return faults.toSorted(byPlace).filter(({ line }) => !seen.has(line) && seen.add(line));
}

/** YAML 1.1 reads `no` as false and 09:00 as 540 minutes. */
function versionFaults(document: Document): readonly YamlFault[] {
  const version = document.directives?.yaml.version ?? '1.2';
  if (version === '1.2') return [];
  return [{ line: 1, column: 1, path: [], message: `is written as YAML ${version}, but must be YAML 1.2` }];
}

/** Postgres stores no NUL, so the text could not be kept, even if it is in a comment. */
function nulFaults(text: string, placeAt: (offset: number) => Place): readonly YamlFault[] {
  const offset = text.indexOf('\0');
  return offset < 0 ? [] : [{ ...placeAt(offset), path: [], message: 'has a NUL character' }];
}

function unfold(document: Document): { readonly values: unknown; readonly faults: readonly YamlFault[] } {
  try {
    return { values: document.toJS({ maxAliasCount: MOST_ALIASES }), faults: [] };
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
    const message = `uses aliases more than ${MOST_ALIASES} times over`;
    return { values: undefined, faults: [{ line: 1, column: 1, path: [], message }] };
  }
}
