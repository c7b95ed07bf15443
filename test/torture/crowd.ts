import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/*
 * Whoever wishes a daemon ill, in a process of its own: `node test/torture/crowd.ts '{"kind": "strangers", ...}'`. Goes on until it is
 * told to end, then says how often it heard which answer.
 */

type Orders = {
  readonly kind: 'strangers' | 'webhooks' | 'exports' | 'half open';
  readonly url: string;
  /** A key of the least role, and the callback token. */
  readonly key: string;
  readonly token: string;
};
type Call = {
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Nobody reads the answer. */
  readonly unread?: boolean;
};

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const { hostname, port } = new URL(orders.url);
const heard: Record<string, number> = {};
const agent = new Agent({ keepAlive: true, maxSockets: 400 });
let number = 0;

function note(what: string | number): void {
  heard[what] = (heard[what] ?? 0) + 1;
}

const json = { 'content-type': 'application/json' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const strangers: readonly (() => Call)[] = [
  '/health/live',
  '/health/ready',
  '/openapi.json',
  '/docs',
  '/',
  '/metrics',
  '/v1/charges',
  '/nowhere',
].map((path) => () => ({ path }));
const guessers: readonly (() => Call)[] = [
  () => ({ path: '/v1/charges', headers: bearer(`due_${String(number).padStart(32, 'x')}`) }),
  () => ({ path: '/v1/charges', headers: bearer(`guess-${number}`) }),
  () => ({ path: '/v1/subscriptions', headers: { ...json, ...bearer('no-key') }, body: '{"reference_id":"x"}' }),
  () => ({ path: '/webhooks/xendit', headers: { ...json, 'x-callback-token': 'guess' }, body: '{"event":"x"}' }),
];
const readers: readonly (() => Call)[] = [
  '/v1/charge-log?format=csv',
  '/v1/charge-log',
  '/v1/charge-log?limit=1000',
  '/v1/charges?limit=500',
  '/v1/subscriptions?limit=500',
  '/metrics',
].flatMap((path) =>
  [false, true].map((unread) => () => ({ path, headers: bearer(orders.key), unread: unread && path.includes('log') })),
);
const calls = {
  strangers: [...strangers, ...guessers],
  webhooks: [
    () => ({
      path: '/webhooks/xendit',
      headers: { ...json, 'x-callback-token': orders.token },
      body: JSON.stringify({ event: 'payment.capture', data: { id: number, status: 'SUCCEEDED' } }),
    }),
  ],
  exports: readers,
  'half open': [],
} satisfies Record<Orders['kind'], readonly (() => Call)[]>;

/** One after the other for ever, over one connection. */
async function loop(): Promise<never> {
  for (;;) {
    number += 1;
    const make = calls[orders.kind][number % calls[orders.kind].length];
    if (make !== undefined) note(await ask(make()));
  }
}

function ask({ path, headers, body, unread }: Call): Promise<string | number> {
  return new Promise((resolve) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ agent, host: hostname, port, path, method, headers: headers ?? {} }, (answer) => {
      if (unread === true) return void setTimeout(() => resolve('unread'), 20_000).unref();
      answer.resume().once('close', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', () => setTimeout(() => resolve('cut'), 50));
    asked.end(body);
  });
}

/** Connections that say half of a request, or nothing, and wait: five hundred new ones a second. */
function halfOpen(): void {
  const open = new Set<Socket>();
  const beginnings = ['', 'GET /health/live HTTP/1.1\r\nhost: a\r\nx: ', 'POST /webhooks/xendit HTTP/1.1\r\n'];
  setInterval(() => {
    for (let n = 0; n < 10; n += 1) {
      number += 1;
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      open.add(socket);
      socket.on('error', () => undefined).on('data', () => note('answered'));
      socket.once('close', () => open.delete(socket) && note('closed'));
      socket.write(beginnings[number % beginnings.length] ?? '');
    }
    for (const oldest of [...open].slice(0, Math.max(0, open.size - 3_000))) oldest.destroy();
  }, 20);
}

if (orders.kind === 'half open') halfOpen();
else for (let n = 0; n < 400; n += 1) void loop();
process.once('disconnect', () => process.exit(0));
process.once('message', () => process.send?.(heard));
