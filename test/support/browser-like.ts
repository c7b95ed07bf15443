import type { FastifyInstance } from 'fastify';

type Shown = {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
};

export type Visitor = {
  /** What the browser would send along. */
  readonly cookies: Map<string, string>;
  get(path: string): Promise<Shown>;
  /** Sends a form as its page shows it: with the hidden fields of the page at `from`. */
  send(from: string, action: string, fields: Readonly<Record<string, string>>): Promise<Shown>;
  /** The same without looking at any page first. */
  post(action: string, fields: Readonly<Record<string, string>>): Promise<Shown>;
};

/** Somebody at a browser without scripts: keeps cookies, follows nothing by itself. */
export function visitorOf(app: FastifyInstance, remoteAddress = '127.0.0.1'): Visitor {
  const cookies = new Map<string, string>();
  const ask = async (method: 'GET' | 'POST', url: string, payload?: string): Promise<Shown> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const form = payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { accept: 'text/html,*/*', ...(cookie === '' ? {} : { cookie }), ...form };
    const answer = await app.inject({
      method,
      url,
      headers,
      remoteAddress,
      ...(payload === undefined ? {} : { payload }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const { statusCode, body, headers: sent } = answer;
    return { status: statusCode, text: body, location: sent.location as string | undefined, headers: sent };
  };
  const post: Visitor['post'] = (action, fields) => ask('POST', action, new URLSearchParams(fields).toString());
  return {
    cookies,
    get: (path) => ask('GET', path),
    post,
    async send(from, action, fields) {
      const { text } = await ask('GET', from);
      const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
      );
      return await post(action, { ...Object.fromEntries(hidden), ...fields });
    },
  };
}
