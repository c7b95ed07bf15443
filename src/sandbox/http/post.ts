import http from 'node:http';
import https from 'node:https';

export type Posting = { readonly status?: number; readonly error?: string };

export type Poster = {
  /** Posts JSON and answers the status or what went wrong; never throws. `timeoutMs` is real time. */
  post(body: string, headers: Record<string, string>, timeoutMs: number): Promise<Posting>;
  close(): void;
};

/** Posts to one URL over connections that stay open, as many at once as the caller starts. */
export function makePoster(url: string): Poster {
  const target = new URL(url);
  const library = target.protocol === 'https:' ? https : http;
  const agent = new library.Agent({ keepAlive: true });
  return {
    post: (body, headers, timeoutMs) =>
      new Promise((resolve) => {
        const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const request = library.request(target, { method: 'POST', agent, headers: { ...headers, ...length } });
        const timer = setTimeout(() => request.destroy(new Error('timed out')), timeoutMs).unref();
        const finish = (posting: Posting): void => {
          clearTimeout(timer);
          resolve(posting);
        };
        request.on('error', (error) => finish({ error: error.message }));
        request.on('response', (response) => {
          response.resume();
          // Only a whole answer counts: a connection cut in mid-answer has not acknowledged anything.
          response.on('end', () => finish({ status: response.statusCode ?? 0 }));
          response.on('error', (error) => finish({ error: error.message }));
          response.on('aborted', () => finish({ error: 'aborted' }));
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
