import type { Log } from '../../src/infra/logger.ts';
import { TOMORROW } from './xendit.ts';

/** Errors that the faults of a seed explain; any other is a bug, for it wakes somebody up. */
const explained = new Set([
  'charging stopped',
  'charging is not armed',
  'failure code that nobody has heard of',
  'webhook does not match',
  'webhook could not be processed',
  'the books differ',
  'refund proposed',
  'refund failed',
  'refund was refused',
  'refund waits for a person',
  'refund is lost from sight',
  'payment was given back',
  'charge held by a limit',
  'channel stopped',
  'session ended without a method',
  'card network’s answer cannot be read',
  'somebody else holds what everybody needs',
]);

/** The daemons' own log goes into that of the seed; an error nobody provoked is a fault. */
export function seedLog(
  tell: (line: string) => void,
  found: (fault: string) => void,
  stopped: () => void,
  isExplained: (event: string) => boolean,
): Log {
  const at =
    (level: string) =>
    (event: string, facts: object = {}): void => {
      tell(`${level}: ${event}`);
      if (event === 'charging stopped' || event === 'charging is not armed') stopped();
      if (isUnknownOfOurs(event, facts)) found(`${event}: ${JSON.stringify(facts)}`);
      if (level === 'error' && !explained.has(event) && !isExplained(event) && !isOfALine(facts))
        found(`${event}: ${JSON.stringify(facts)}`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), close: async () => undefined };
}

/** A line that broke, or rows that somebody held: what follows is looked at again. */
function isOfALine(facts: object): boolean {
  return 'error_status' in facts && facts.error_status === 503;
}

/** Xendit documents what it plays here, but for one code: a class that is missing is a fault of one of the two. */
function isUnknownOfOurs(event: string, facts: object): boolean {
  return event === 'failure code that nobody has heard of' && 'code' in facts && facts.code !== TOMORROW;
}
