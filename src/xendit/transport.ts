import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import got, { type Got, type OptionsInit, type Request } from 'got';
import { words } from './fields.ts';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What came back: an answer, whatever its status; nothing, though Xendit may have heard us; or proof that it did not. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly kind: 'silent'; readonly detail: string }
  | { readonly kind: 'not_sent'; readonly detail: string };

export type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type TransportOptions = {
  readonly url: string;
  readonly secretKey: string;
  /** From the call to the last byte of the answer, waiting for a connection included. */
  readonly totalDeadlineMs?: number;
  readonly maxSockets?: number;
  /** Fires when the process ends: what only reads is given up then, and only what was sent to change something is waited for. */
  readonly ending?: AbortSignal;
  /** Told when a whole request was handed to the machine's network, before anything of its answer is read. */
  readonly onRequestLeft?: ((path: string) => void) | undefined;
};

/** Speaks HTTP with Xendit: every call is sent at most once and always comes back with a reply. */
export type Transport = { send(call: Call): Promise<Reply>; close(): Promise<void> };

const ENDING = 'the process is shutting down';
const TOTAL_DEADLINE_MS = 30_000;
const CONNECT_MS = 10_000;
// A page of ten transactions is under 20 kB; what is larger is no answer of Xendit's.
const LARGEST_ANSWER = 1024 * 1024;
// A connection that idles longer may have been given up by the other side, and a reset after sending is an outcome
// that nobody knows: a new TLS handshake is cheaper.
const IDLE_MS = 4_000;

/** Whoever answers in Xendit's name must prove it, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
const VERIFIED = { rejectUnauthorized: true };

export function httpTransport(options: TransportOptions): Transport {
  const base = options.url.replace(/\/+$/, '');
  const deadlineMs = options.totalDeadlineMs ?? TOTAL_DEADLINE_MS;
  const agent = connections(base, options.maxSockets ?? 64);
  const http = instance(agent, options.secretKey, deadlineMs);
  const calls = new Set<Promise<Reply>>();
  const looks = new Set<() => void>();
  let closed = false;
  options.ending?.addEventListener('abort', () => {
    for (const giveUp of looks) giveUp();
  });
  return {
    send(call) {
      if (closed) return Promise.resolve({ kind: 'not_sent', detail: 'the gateway is closed' });
      const isLook = call.method === 'GET';
      if (isLook && options.ending?.aborted === true) return Promise.resolve({ kind: 'not_sent', detail: ENDING });
      const left = () => options.onRequestLeft?.(call.path);
      const reply = once(http, `${base}${call.path}`, call, { deadlineMs, left, looks: isLook ? looks : null });
      calls.add(reply);
      return reply.finally(() => calls.delete(reply));
    },
    async close() {
      closed = true;
      await Promise.all(calls);
      agent.destroy();
    },
  };
}

function connections(base: string, maxSockets: number): HttpAgent {
  const settings = {
    keepAlive: true,
    maxSockets,
    maxFreeSockets: maxSockets,
    scheduling: 'lifo',
    timeout: IDLE_MS,
  } as const;
  return base.startsWith('https:') ? new HttpsAgent({ ...settings, ...VERIFIED }) : new HttpAgent(settings);
}

function instance(agent: HttpAgent, secretKey: string, deadlineMs: number): Got {
  const connectMs = Math.min(CONNECT_MS, deadlineMs);
  return got.extend({
    // Xendit promises no idempotency: a call that got or the server repeats may charge twice (docs/xendit.md 5).
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // Answers are small; unpacking would only let a small answer become a huge one.
    decompress: false,
    agent: agent instanceof HttpsAgent ? { https: agent } : { http: agent },
    request: agent instanceof HttpsAgent ? sparing(httpsRequest) : sparing(httpRequest),
    // Sending and waiting have no time-outs of their own: the total deadline is as long, and timers cost (10% of a call).
    timeout: {
      lookup: connectMs,
      connect: connectMs,
      secureConnect: connectMs,
    },
    headers: {
      authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'dueday',
    },
  });
}

/** Node copies its options twice a call. Of got's forty, most of them for TLS and left open, it gets those that say something. */
function sparing(request: typeof httpRequest): OptionsInit['request'] {
  return (url, options, callback) => {
    const said: Record<string, unknown> = {};
    for (const name of Object.keys(options) as (keyof typeof options)[])
      if (options[name] !== undefined) said[name] = options[name];
    return request(url, said, callback);
  };
}

type Watch = {
  readonly deadlineMs: number;
  readonly left: () => void;
  /** Where a call that only reads leaves how it is given up; null for one that changes something. */
  readonly looks: Set<() => void> | null;
};

/** One exchange. A stream rather than got's promise: less work a call, and a body can be refused while it comes. */
function once(http: Got, url: string, call: Call, { deadlineMs, left, looks }: Watch): Promise<Reply> {
  return new Promise((resolve) => {
    const request = http.stream(url, {
      method: call.method,
      // A POST without a body, too, must be given one: a stream would wait for somebody to write it.
      ...(call.method === 'POST' && { body: call.body ?? '' }),
      headers: { ...call.headers, ...(call.body !== undefined && { 'content-type': 'application/json' }) },
    });
    const progress: Progress = { connected: false };
    const settle = (reply: Reply) => {
      clearTimeout(deadline);
      looks?.delete(giveUp);
      resolve(reply);
      request.destroy();
    };
    const deadline = setTimeout(() => {
      settle(noReply(progress, new Error(`no whole answer within ${deadlineMs} ms`)));
    }, deadlineMs);
    const giveUp = () => settle(noReply(progress, new Error(ENDING)));
    looks?.add(giveUp);
    request.once('request', (sent: ClientRequest) => sent.once('finish', left));
    request.once('socket', (socket: Socket) => watchConnection(socket, progress));
    // Stays: an error after the first, or after the answer, must not bring the process down.
    request.on('error', (error: Error) => settle(noReply(progress, error)));
    receive(request, settle);
  });
}

function receive(request: Request, settle: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LARGEST_ANSWER) settle({ kind: 'silent', detail: 'an answer of more than 1 MiB' });
    else chunks.push(chunk);
  });
  request.on('end', () => {
    const { response } = request;
    if (response === undefined) return settle({ kind: 'silent', detail: 'no answer' });
    const text = Buffer.concat(chunks).toString('utf8');
    settle({ kind: 'answered', status: response.statusCode, headers: response.headers, text });
  });
}

type Progress = { connected: boolean };

/**
 * Notes when the first byte can have left us: when the connection stands, over TLS when the certificate was accepted.
 * A connection used before stands already.
 */
function watchConnection(socket: Socket, progress: Progress): void {
  progress.connected = !socket.connecting;
  if (progress.connected) return;
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
    progress.connected = true;
  });
}

/** Waiting for a connection, an unknown name, a refused connect or certificate: Xendit never heard of it. */
function noReply({ connected }: Progress, error: Error): Reply {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { kind: connected ? 'silent' : 'not_sent', detail: words(`${code} ${error.message}`) };
}
