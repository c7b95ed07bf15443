import type { FastifyInstance } from 'fastify';

type Route = { readonly address: RegExp; readonly methods: readonly string[] };

/** Remembers every route that is registered after it; answers the methods that an address takes, none when it is unknown. */
export function methodsOf(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
    routes.push({ address: new RegExp(`^${parts.join('/')}$`), methods: [method].flat() });
  });
  return (path) => {
    const taken = routes.filter(({ address }) => address.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(taken)].sort();
  };
}
