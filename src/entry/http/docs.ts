import type { FastifyInstance } from 'fastify';
import { calls } from './calls.ts';

type Operation = { readonly summary?: string; readonly tags?: readonly string[] };
type Document = {
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** What a browser is shown, and nothing else: no script, nothing from elsewhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** The description of the API: for programs at `/openapi.json`, for people at `/docs`. Links are relative: a
 * proxy may serve it below a path. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  const hidden = { schema: { hide: true } };
  // Written once: nobody who asks for it without a key costs more than sending it.
  let made: { readonly json: string; readonly page: string } | null = null;
  const texts = () => (made ??= textsOf(app.swagger() as Document));
  app.get('/openapi.json', hidden, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(texts().json),
  );
  app.get('/docs', hidden, async (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(texts().page),
  );
}

function textsOf(document: Document) {
  return { json: JSON.stringify(document), page: page(document) };
}

function page({ tags = [], paths = {} }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, told]) => ({ path, method: method.toUpperCase(), ...told })),
  );
  const sections = tags.flatMap(({ name, description = '' }) => {
    const rows = operations.filter((one) => one.tags?.includes(name)).map(row);
    if (rows.length === 0) return [];
    return [
      `<h2>${escaped(name)}</h2><p>${escaped(description)}.</p><table>${HEAD}<tbody>${rows.join('')}</tbody></table>`,
    ];
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>dueday API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body><main>
<h1>dueday API</h1>
<p>Send <code>Authorization: Bearer &lt;key&gt;</code> with every call; <code>dueday keys create --role product</code> makes a key.
Every field, with a sentence and an example, stands in <a href="openapi.json">/openapi.json</a> (OpenAPI 3.1), from which clients are
generated. <a href="health/ready">/health/ready</a> says whether charges go out.</p>
${sections.join('\n')}
</main></body></html>`;
}

const HEAD = '<thead><tr><th scope="col">call</th><th scope="col">does</th><th scope="col">for</th></tr></thead>';

function row({ method, path, summary = '' }: Operation & { readonly method: string; readonly path: string }): string {
  const callers = calls[`${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`] ?? 'anyone';
  const who =
    typeof callers === 'string' ? callers : 'people' in callers ? 'who is signed in' : ['admin', ...callers].join(', ');
  return `<tr><td><code>${method} ${escaped(path)}</code></td><td>${escaped(summary)}</td><td>${escaped(who)}</td></tr>`;
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:60rem;margin:2rem auto;
padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8886;
vertical-align:top}td:first-child{width:24rem}code{overflow-wrap:anywhere}h2{margin:2rem 0 0}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter] ?? '');
}
