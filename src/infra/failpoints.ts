import { writeSync } from 'node:fs';

/**
 * The steps between which a process may die. A test names one (`DUEDAY_FAILPOINT`), and the process ends, stops or is told
 * to end exactly there; nobody else has any. What each stands before or after is said where it is passed.
 */
export const FAILPOINTS = [
  'before-migration',
  'between-migrations',
  'after-migration',
  'before-listening',
  'after-listening',
  'before-webhook-insert',
  'after-webhook-insert',
  'after-webhook-answer',
  'before-webhook-processing',
  'after-webhook-processing',
  'after-webhook-close',
  'before-linking',
  'after-linking',
  'before-storing-catalog',
  'before-putting-in-force',
  'after-putting-in-force',
  'before-drafting',
  'after-drafting',
  'before-repricing',
  'between-repricing',
  'after-repricing',
  'before-writing-lines',
  'before-keeping-looks',
  'after-keeping-looks',
  'before-beginning-to-create',
  'before-creating-imported',
  'after-creating-imported',
  'before-ending-import',
  'before-switching',
  'after-switching',
  'after-keeping-switch',
  'before-opening',
  'after-opening',
  'before-claim',
  'after-claim',
  'before-call',
  'after-request',
  'after-answer',
  'before-settle',
  'after-settle',
  'after-rescue-claim',
  'before-look-up',
  'after-look-up',
  'after-rescue',
  'before-refund-claim',
  'after-refund-claim',
  'after-refund-answer',
  'after-refund-settle',
  'before-refund-look',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** Told at every step that is passed. Absent, which costs one look at a property, unless a test asked for a failpoint. */
export type Passing = (point: Failpoint) => void;

const ACTIONS = {
  kill: () => void process.kill(process.pid, 'SIGKILL'),
  stop: () => void process.kill(process.pid, 'SIGSTOP'),
  term: () => void process.kill(process.pid, 'SIGTERM'),
  exit: () => process.exit(70),
} as const;

/** What happens at the `pass`-th time (from 1) that a point is passed. */
export type FailpointOrder = {
  readonly point: Failpoint;
  readonly pass: number;
  readonly action: keyof typeof ACTIONS;
};

/** Reads `name:pass:action`, such as `after-claim:1:kill`; a sentence when it cannot be read. */
export function readFailpoint(text: string): FailpointOrder | string {
  const [name, pass, action, ...rest] = text.split(':');
  const point = FAILPOINTS.find((known) => known === name);
  if (point === undefined) return `there is no such failpoint; there are ${FAILPOINTS.join(', ')}`;
  if (!/^[1-9]\d{0,5}$/.test(pass ?? '') || !isAction(action) || rest.length > 0)
    return `must be name:pass:action, such as ${point}:1:kill; actions are ${Object.keys(ACTIONS).join(', ')}`;
  return { point, pass: Number(pass), action };
}

function isAction(text: string | undefined): text is FailpointOrder['action'] {
  return text !== undefined && Object.hasOwn(ACTIONS, text);
}

/** Says on stderr that the point is reached, at once and whole, and then does what was ordered. */
export function failpoint({ point, pass, action }: FailpointOrder): Passing {
  let passed = 0;
  return (reached) => {
    if (reached !== point) return;
    passed += 1;
    if (passed !== pass) return;
    writeSync(process.stderr.fd, `failpoint ${point}:${pass}:${action}\n`);
    ACTIONS[action]();
  };
}
