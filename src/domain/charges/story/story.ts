import { momentText } from '../../calendar/moment-text.ts';
import { moneyText } from '../../money/money-text.ts';
import { actionWords, isForAll, type StoredAction } from '../action.ts';
import { standingSentence } from './standing.ts';
import type { ToldAttempt, ToldCharge, ToldDecision, ToldEvent } from './told-charge.ts';
import { decisionWords, declineWords, eventWords } from './words.ts';

/** What a step shows beside its words. */
export type Mark = 'due' | 'attempting' | 'paid' | 'declined' | 'unknown' | 'held' | 'void' | 'step' | 'retry';

/** Something that happened, or is to come, told to a person. */
export type Step = {
  /** ISO text; of what is to come: when. */
  readonly at: string;
  readonly isAhead: boolean;
  readonly mark: Mark;
  /** A sentence without its stop. */
  readonly heading: string;
  /** Sentences of why; the decision stands by itself. */
  readonly text: readonly string[];
  readonly decision: string | null;
  /** Ids and what was counted, each with its name. */
  readonly facts: readonly (readonly [string, string])[];
};

export type Story = {
  /** How it stands, why, and what comes next. */
  readonly sentence: string;
  readonly steps: readonly Step[];
  /** What its customer is asked to do now. */
  readonly asked: readonly Asked[];
};

/** One thing that a customer is asked: in words, and the address, number or text itself. */
export type Asked = { readonly words: string; readonly value: string; readonly isForAll: boolean };

/** What happened to a charge and why, oldest first, and what is planned: the page and `charges explain` both tell it. */
export function storyOf(charge: ToldCharge): Story {
  const sent = charge.attempts.map((attempt) => attemptStep(attempt, charge.time_zone));
  const beside = charge.history.filter(isBeside).map(eventStep);
  const happened = [...sent, ...beside].toSorted((a, b) =>
    Temporal.Instant.compare(Temporal.Instant.from(a.at), Temporal.Instant.from(b.at)),
  );
  const steps = [fellDue(charge), ...happened, ...ahead(charge)];
  return {
    sentence: standingSentence(charge),
    steps,
    asked: charge.actions.map((one) => askedFor(one, charge.time_zone)),
  };
}

function askedFor(action: StoredAction, timeZone: string): Asked {
  const until = action.expires_at === null ? '' : `, until ${momentText(action.expires_at, timeZone)}`;
  return { words: `${actionWords(action)}${until}`, value: action.value, isForAll: isForAll(action) };
}

/** For what it is: "Cycle 3", or one that is for no cycle. */
export function placeOf({ cycle }: Pick<ToldCharge, 'cycle'>): string {
  return cycle === null ? 'An extra charge' : `Cycle ${cycle}`;
}

function fellDue(charge: ToldCharge): Step {
  const { amount, currency, catalog_version, period, missed, plan } = charge;
  const text = [
    `${moneyText(amount, currency)} for ${plan}, ${period.start} to ${period.end}, by catalog version ${catalog_version}.`,
    ...(missed ? ['It was found late: the daemon did not run when it fell due.'] : []),
  ];
  return { ...plainStep(charge.due_at, 'due', `${placeOf(charge)} fell due`), text };
}

function plainStep(at: string, mark: Mark, heading: string): Step {
  return { at, isAhead: false, mark, heading, text: [], decision: null, facts: [] };
}

/** What an attempt came to is told with it. */
function isBeside({ kind, attempt }: ToldEvent): boolean {
  return kind !== 'charge.opened' && (attempt === null || !/^(attempt|charge|payment)\./.test(kind));
}

const MARKS: Readonly<Record<string, Mark>> = {
  'charge.held': 'held',
  'charge.voided': 'void',
  'charge.forgiven': 'void',
};

/** Who did what and why; of what followed from an attempt, the attempt has said why. */
function eventStep({ at, kind, attempt, why, actor }: ToldEvent): Step {
  const step = plainStep(at, MARKS[kind] ?? 'step', `${eventWords(kind)}, by ${actor}`);
  return why === null || attempt !== null ? step : { ...step, text: [ended(why)] };
}

function attemptStep(attempt: ToldAttempt, timeZone: string): Step {
  const { number, outcome, decision, sent_at: at } = attempt;
  const [mark, happened] = OUTCOMES[outcome ?? 'none'] ?? ['step', String(outcome)];
  const why = outcome === 'declined' ? `: ${declineWords(attempt.failure_code, attempt.class)}` : '';
  const place = attempt.via === 'session' ? `The page of attempt ${number}` : `Attempt ${number}`;
  return {
    ...plainStep(at, mark, `${place} ${happened}${why}`),
    text: decision === null ? [WAITING[outcome ?? 'none'] ?? []].flat() : [ended(decision.why)],
    decision: decision === null ? null : decided(decision, timeZone),
    facts: factsOf(attempt, timeZone),
  };
}

const OUTCOMES: Readonly<Record<string, readonly [Mark, string]>> = {
  none: ['attempting', 'is on its way'],
  succeeded: ['paid', 'was paid'],
  declined: ['declined', 'was declined'],
  refused: ['declined', 'was refused by Xendit'],
  pending: ['unknown', 'has no outcome yet'],
  unknown: ['unknown', 'got no answer'],
};

const WAITING: Readonly<Record<string, string>> = {
  unknown: 'Nobody knows whether money has moved. Nothing new is tried until Xendit has told.',
  pending: 'Nothing new is tried until Xendit has told.',
};

function factsOf(attempt: ToldAttempt, timeZone: string): readonly (readonly [string, string])[] {
  const { decision } = attempt;
  const all: readonly (readonly [string, string | null])[] = [
    [attempt.via === 'session' ? 'opened as' : 'sent to Xendit as', attempt.reference_id],
    ['Xendit said', saidBy(attempt, timeZone)],
    ['payment', attempt.payment_id ?? attempt.payment_request_id],
    ['class', attempt.class],
    ['rule', decision?.rule ?? null],
    ['counted', decision === null ? null : countedText(decision.counted)],
    ['asked again', attempt.next_check_at === null ? null : momentText(attempt.next_check_at, timeZone)],
    ['rules from', decision === null ? null : `catalog version ${decision.catalog_version}`],
  ];
  return all.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]));
}

function saidBy(attempt: ToldAttempt, timeZone: string): string {
  const { outcome, outcome_at, failure_code, network_code, advice_code, sent_at } = attempt;
  if (outcome === null) return 'nothing yet';
  const network = network_code === null ? [] : [`network ${network_code}`];
  const advice = advice_code === null ? [] : [`advice ${advice_code}`];
  const codes = [failure_code ?? [], network, advice].flat().join(', ');
  const later = outcome_at !== null && outcome_at !== sent_at ? `, known ${momentText(outcome_at, timeZone)}` : '';
  return `${outcome}${codes === '' ? '' : ` ${codes}`}${later}`;
}

function countedText(counts: ToldDecision['counted']): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`)
    .join(', ');
}

function decided({ kind, at }: ToldDecision, timeZone: string): string {
  const when = at === null ? '' : `${kind === 'wait_for_customer' ? ' until' : ' on'} ${momentText(at, timeZone)}`;
  return `${decisionWords(kind)}${when}.`;
}

/** The attempt that is planned, or the end of its wait. */
function ahead({ status, next_attempt_at: next, waits_until: until, attempts }: ToldCharge): readonly Step[] {
  const step = { text: [], decision: null, facts: [], isAhead: true };
  if (status !== 'due') return [];
  if (next !== null)
    return [{ ...step, at: next, mark: 'retry', heading: `Attempt ${(attempts.at(-1)?.number ?? 0) + 1} is planned` }];
  if (until === null) return [];
  return [
    { ...step, at: until, mark: 'retry', heading: 'Until then it waits for its customer, and is given up after' },
  ];
}

function ended(sentence: string): string {
  const first = `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
