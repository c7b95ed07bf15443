import { DatabaseError, DatabaseTimeout, type Door, type Shape } from '../../src/infra/database/db.ts';
import { between, type Chance } from '../support/chance.ts';
import type { Clock } from './clock.ts';
import type { Swarm } from './faults.ts';
import type { House } from './house.ts';
import type { Life, Ports } from './life.ts';
import type { Standby } from './standby.ts';

export type Doors = {
  readonly random: Chance;
  readonly faults: Swarm;
  readonly ports: Ports;
  readonly house: House;
  readonly clock: Clock;
  readonly standby: Standby;
  tell(line: string): void;
  /** A statement was run: an attempt was written, or something else. */
  ran(text: string): Promise<void>;
};

/** A replica's way to Postgres: late, cut off before the statement, or cut off after its commit. */
export function doorOf(given: Doors, name: string, life: Life): Door {
  const { random, faults, ports, house, standby } = given;
  return {
    rows<T>(text: string, params: readonly unknown[], shape: Shape): Promise<T[]> {
      const delay = faults.strikes('statementSlow') ? between(random, 200, 14_000) : between(random, 1, 12);
      const isHeld = WAITS_FOR_ROWS.test(text) && faults.strikes('rowsHeld');
      const isExhausted = faults.strikes('poolExhausted');
      const isLost = faults.strikes('statementLost');
      const answerIsLost = !isLost && faults.strikes('commitAnswerLost');
      const primary = standby.generation();
      return ports.call(life, delay, async () => {
        if (isHeld) throw new DatabaseError('canceling statement due to lock timeout', '55P03');
        if (isExhausted)
          throw new DatabaseTimeout('No connection to the database came free within 15000 ms; nothing was sent.');
        if (isLost || primary !== standby.generation()) throw cut();
        await standby.beforeStatement(text);
        const answer = await house.rows<T>(given.clock.instant(), text, params, shape);
        given.tell(`${name} ${labelOf(text)}: ${answer.length}${answerIsLost ? ', answer lost' : ''}`);
        await given.ran(text);
        await standby.afterStatement();
        if (answerIsLost) throw cut();
        return { answer, takes: 0 };
      });
    },
    close: async () => undefined,
  };
}

/** A statement that waits for rows instead of passing over those that somebody holds. */
const WAITS_FOR_ROWS = /\bfor (no key )?update of \w+ *\)|^update "?charges/;

function cut(): DatabaseError {
  return new DatabaseError('The connection was lost.', 'CONNECTION_CLOSED');
}

const labels = new Map<string, string>();

/** What a statement does, to which tables, for a person who reads the log. */
function labelOf(text: string): string {
  return labels.getOrInsertComputed(text, () => {
    const writes = [...text.matchAll(/\b(insert into|update) "?(\w+)"?/g)].map(([, verb, table]) =>
      verb === 'update' ? `set ${table}` : `new ${table}`,
    );
    if (writes.length > 0) return writes.join(', ');
    return `read ${/\bfrom "?(\w+)"?/.exec(text)?.[1] ?? text.slice(0, 40)}`;
  });
}
