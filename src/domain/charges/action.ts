import { tellsOfTimeOut } from '../declines/decline.ts';

/** What an attempt ends with whose customer may still confirm it at Xendit, and so pay. */
export const OPEN_ACTION = 'REQUIRES_ACTION';

type Known = { readonly failureCode: string | null; readonly actionClosedAt: Temporal.Instant | null };

/** Whether its customer may still confirm it. */
export function isOpenAction({ failureCode, actionClosedAt }: Known): boolean {
  return failureCode === OPEN_ACTION && actionClosedAt === null;
}

/** A failure after which neither its customer can pay, nor whoever timed out still collect what they paid. */
export function endsAction(code: string): boolean {
  return code !== OPEN_ACTION && !tellsOfTimeOut(code);
}

/** What Xendit asks of the customer of a payment, in its own words: what is done, what that takes, and the address, number or text itself. */
export type Action = { readonly type: string; readonly descriptor: string; readonly value: string };

/** The same as it is kept with its attempt, with when it ends; null: nobody says. */
export type StoredAction = Action & { readonly expires_at: string | null };

export function storedActions(actions: readonly Action[], end: Temporal.Instant | null): readonly StoredAction[] {
  return actions.map((action) => ({ ...action, expires_at: end?.toString() ?? null }));
}

/** Of what an entry of the ledger tells: not the value, since whoever has it may pay, and a ledger forgets nothing. */
export function toldActions(actions: readonly StoredAction[]) {
  return actions.map(({ type, descriptor, expires_at }) => ({ type, descriptor, expires_at }));
}

/** A text that its customer was sent is to be given back to Xendit by a call, which whoever charges while they are away cannot make. */
function asksForPassword({ type }: Pick<Action, 'type'>): boolean {
  return type === 'API_POST_REQUEST';
}

const WORDS: Readonly<Record<string, string>> = {
  WEB_URL: 'a page to be opened by its customer',
  DEEPLINK_URL: 'an app to be opened by its customer',
  QR_STRING: 'a QR code to be scanned by its customer',
  VIRTUAL_ACCOUNT_NUMBER: 'a virtual account to be paid into by its customer',
  PAYMENT_CODE: 'a code to be paid with by its customer',
};

/** What anybody may read who looks after the charge: a number to pay into, and no address at which its bearer is taken for the customer. */
export function isForAll({ type }: Pick<Action, 'type'>): boolean {
  return type === 'PRESENT_TO_CUSTOMER';
}

/** What an action asks, as a person would say it. */
export function actionWords(action: Pick<Action, 'type' | 'descriptor'>): string {
  if (asksForPassword(action))
    return 'a one-time password, which nobody here answers: its customer may pay by a link instead';
  return WORDS[action.descriptor] ?? `${action.type}, ${action.descriptor}`;
}

/** Null: it may be shown, and is no address. What Xendit sends without its scheme is text and never made one. */
export function addressOf({ descriptor, value }: Pick<Action, 'descriptor' | 'value'>): string | null {
  if (descriptor !== 'WEB_URL' || !/^https?:\/\//i.test(value)) return null;
  return URL.canParse(value) ? value : null;
}
