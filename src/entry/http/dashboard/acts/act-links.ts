import { actorOfSession, type Session } from '../../../../flows/access/sign-in.ts';
import { mayOpen } from '../../calls.ts';
import { type Html, html } from '../../pages/html.ts';
import type { Subject, Thing } from './thing.ts';

/**
 * Buttons to the pages of what may be done to it by whoever looks: what its state or their role forbids is absent, not grey. `from`
 * is the page that they come back to.
 */
export function actLinks<S extends Subject>(thing: Thing<S>, subject: S, session: Session, from: string): Html {
  const actor = actorOfSession(session);
  const links = thing.deeds.flatMap(({ verb, word, refusal }) => {
    const path = `${thing.base}/${verb}`;
    if (refusal(subject, actor) !== null || !mayOpen(session.role, path)) return [];
    const address = path.replace(':id', subject.id);
    const query = from === subject.path ? '' : `?${new URLSearchParams({ from }).toString()}`;
    return [html`<a class="btn" href="${address}${query}">${word}…<span class="vh"> ${subject.name}</span></a>`];
  });
  return html`${links}`;
}
