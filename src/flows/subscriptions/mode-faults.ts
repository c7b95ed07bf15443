import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import type { Fault } from './terms.ts';

const NO_CARDS = 'must not be CARDS_SESSION_JS, which saves cards: the channels of this subscription are others';
const UNKNOWN =
  'is not known to Xendit yet, which CARDS_SESSION_JS needs: make the customer there, and send customer_id';

/** Why a session cannot be opened in this mode; `within`: where in the request the mode stands. */
export function modeFaults(
  place: SessionPlace | undefined,
  { channels, isKnown }: { readonly channels: readonly string[] | null; readonly isKnown: boolean },
  within: string,
): readonly Fault[] {
  if (place?.mode !== 'CARDS_SESSION_JS') return [];
  return [
    ...(channels?.includes('CARDS') === false ? [{ field: `${within}mode`, message: NO_CARDS }] : []),
    ...(isKnown ? [] : [{ field: 'customer', message: UNKNOWN }]),
  ];
}
