import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What stands between Xendit and the replicas: takes every webhook, hands it to the replica on duty, and keeps what could
 * not be handed over, as Xendit does until it tries again.
 */
export type PostOffice = {
  readonly url: string;
  /** Who gets the webhooks from now on; null: nobody. */
  onDuty(url: string | null): void;
  /** What is about payments gets lost for good. */
  loses(payments: boolean): void;
  /** Hands over what could not be: Xendit tries again. */
  tryAgain(url: string): Promise<void>;
  close(): Promise<void>;
};

type Letter = { readonly body: string; readonly headers: Record<string, string> };

/** Nobody who is alive takes longer to store a webhook. Somebody who is paused never answers. */
const PATIENCE_MS = 1_500;

export async function postOffice(): Promise<PostOffice> {
  let duty: string | null = null;
  let losing = false;
  let kept: Letter[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const headers = {
        'content-type': 'application/json',
        'x-callback-token': String(request.headers['x-callback-token']),
        'webhook-id': String(request.headers['webhook-id']),
      };
      void take({ body, headers }).then((status) => response.writeHead(status).end());
    });
  });
  const take = async (letter: Letter): Promise<number> => {
    if (losing && body(letter).event.startsWith('payment.')) return 200;
    if (duty !== null && (await handOver(letter, duty))) return 200;
    kept.push(letter);
    return 200;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/xendit`,
    onDuty: (url) => {
      duty = url;
    },
    loses: (payments) => {
      losing = payments;
    },
    async tryAgain(url) {
      const letters = kept;
      kept = [];
      for (const letter of letters) if (!(await handOver(letter, url))) kept.push(letter);
    },
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

function body({ body: text }: Letter): { readonly event: string } {
  return JSON.parse(text) as { readonly event: string };
}

async function handOver({ body: text, headers }: Letter, url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = fetch(`${url}/webhooks/xendit`, { method: 'POST', body: text, headers, signal });
  return await answer.then(
    (reply) => reply.ok,
    () => false,
  );
}
