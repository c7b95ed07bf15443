/** What a key may do: nothing real (the stand-in), nothing real at Xendit, or take money. */
export type Mode = 'sandbox' | 'test' | 'live';

/** The key that this process charges with. */
export type ChargingKey = {
  readonly mode: Mode;
  /** A hash of the key, never the key. */
  readonly fingerprint: string;
  /** Why this process charges nothing, whatever is armed; null when there is no such reason. */
  readonly barred: string | null;
};

/** What tells one database from its copies. */
export type Place = {
  /** Drawn when the cluster was made; every file-level copy has it too. */
  readonly system: string;
  /** Its number in the cluster: a copy by CREATE DATABASE ... TEMPLATE has another. */
  readonly database: string;
  /** The number of a table of ours: a dump read back makes its tables anew. */
  readonly tables: string;
  /** When a file that nobody writes came to be where it is, seconds since 1970; null where our role may not look. */
  readonly files: string | null;
  /** Counted up by every promotion and every recovery to a point in time; null on a standby. */
  readonly timeline: number | null;
};

/** What a person armed, or a harmless key armed by itself at first sight. */
export type Binding = Place & Pick<ChargingKey, 'mode' | 'fingerprint'>;

/** Who armed it, when (an ISO instant), and why if they said. */
export type ArmedBy = { readonly at: string; readonly actor: string; readonly reason: string | null };

/** The same in words, to follow "armed". */
export function armedBy({ at, actor, reason }: ArmedBy): string {
  return `at ${at} by ${actor}, ${reason === null ? 'who gave no reason' : `because: ${reason}`}`;
}

/** Whether this process may charge on this database. `differences` are sentences for a person. */
export type Verdict =
  | { readonly kind: 'armed' }
  | { readonly kind: 'arms_itself' }
  | { readonly kind: 'disarmed'; readonly differences: readonly string[] };

/**
 * Compares what is met with what was armed (invariant 13). A database that was never armed arms itself for a key that
 * moves no money; for a live key a person does it. Any difference disarms: a false alarm costs a command, a copy that
 * charges costs money.
 */
export function verdictOn(armed: Binding | null, place: Place, key: ChargingKey): Verdict {
  if (armed === null && key.barred === null && key.mode !== 'live' && place.timeline !== null)
    return { kind: 'arms_itself' };
  const differences = [
    ...(key.barred === null ? [] : [key.barred]),
    ...(armed === null ? neverArmed(key) : [...placeDifferences(armed, place), ...keyDifferences(armed, key)]),
  ];
  return differences.length === 0 ? { kind: 'armed' } : { kind: 'disarmed', differences };
}

/** Whether acknowledged rows may be missing here: what they were about is asked of Xendit before it is tried again. */
export function mayHaveLostRows(armed: Binding | null, place: Place, key: ChargingKey): boolean {
  return armed === null ? key.mode === 'live' : placeDifferences(armed, place).length > 0;
}

function neverArmed({ mode }: ChargingKey): readonly string[] {
  return [`the ${mode} key meets a database that was never armed`];
}

function placeDifferences(armed: Binding, seen: Place): readonly string[] {
  const differences: string[] = [];
  if (seen.system !== armed.system) {
    // The log takes a bare number of that length for a card's.
    const which = `system identifier pg-${seen.system}, armed was pg-${armed.system}`;
    differences.push(`the database is on another Postgres cluster (${which}): restored or copied`);
  } else if (seen.database !== armed.database) {
    const which = `number ${seen.database}, armed was ${armed.database}`;
    differences.push(`it is another database of the same cluster (${which}): a copy, or restored`);
  } else if (seen.tables !== armed.tables) {
    differences.push('its tables were made anew since it was armed: restored from a dump');
  }
  if (seen.files !== null && armed.files !== null && seen.files !== armed.files) {
    differences.push('its files are not the ones that were armed: the data directory was copied, or its owner changed');
  }
  return [...differences, ...timelineDifferences(armed, seen)];
}

function timelineDifferences(armed: Binding, seen: Place): readonly string[] {
  if (seen.timeline === null) return ['the server is a standby, which takes no writes'];
  if (seen.timeline === armed.timeline) return [];
  const which = `timeline ${seen.timeline}, armed was ${armed.timeline}`;
  return [`a standby was promoted, or a backup restored (${which}): the last rows may be lost`];
}

function keyDifferences(armed: Binding, key: ChargingKey): readonly string[] {
  if (key.mode !== armed.mode) return [`it is a ${key.mode} key, armed was a ${armed.mode} one`];
  if (key.fingerprint === armed.fingerprint) return [];
  return [`it is another ${key.mode} key (${key.fingerprint}) than the one that was armed (${armed.fingerprint})`];
}
