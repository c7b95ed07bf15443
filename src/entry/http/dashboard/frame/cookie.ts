import type { Context } from '../../../../context.ts';
import { isLoopback } from '../../../../domain/catalog/web-address.ts';

/** So long a session lasts at most; the database says when it is over. */
const LIFE_SECONDS = 12 * 60 * 60;

/** A page on this machine has no TLS, and a browser keeps no `__Host-` cookie without it. */
export function sessionCookie({ publicUrl }: Context) {
  const secure = !isLoopback(URL.parse(publicUrl)?.hostname ?? 'localhost');
  const prefix = secure ? '__Host-' : '';
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  const name = `${prefix}dueday`;
  return {
    name,
    formName: `${name}-form`,
    toldName: `${name}-told`,
    keptName: `${name}-kept`,
    options,
    life: LIFE_SECONDS,
    secure,
  };
}
