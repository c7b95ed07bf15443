import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read here the way a foreign client would, without types
export type Json = any; // oxlint-disable-line typescript/no-explicit-any

export type Answer = { status: number; body: Json; headers: Headers };

export const SECRET_KEY = 'xnd_development_test';
export const CALLBACK_TOKEN = 'callback-token';
/** Before the dates in Xendit's examples, so that their mandates still run. */
const START = Temporal.Instant.from('2025-06-01T00:00:00Z');

/** One of Xendit's own payloads, from test/fixtures/xendit. */
export function documented(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../fixtures/xendit/${name}.json`, import.meta.url), 'utf8'));
}

export type Stand = {
  url: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Moves the clock by seconds and waits for every webhook on the way. */
  pass(seconds: number): Promise<void>;
};

/** A sandbox with a still clock, and a client that sends the right key and version unless told otherwise. */
export async function openStand(options: Partial<SandboxOptions> = {}): Promise<Stand> {
  const sandbox = await startSandbox({
    secretKey: SECRET_KEY,
    callbackToken: CALLBACK_TOKEN,
    clock: 'manual',
    now: START,
    seed: 7,
    ...options,
  });
  onTestFinished(() => sandbox.close());
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
    send(`${sandbox.url}${path}`, method, body, headers);
  return {
    url: sandbox.url,
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    delete: (path) => call('DELETE', path),
    async pass(seconds) {
      const { now } = (await call('GET', '/_sandbox/clock')).body;
      await call('POST', '/_sandbox/clock', {
        now: Temporal.Instant.from(now)
          .add({ milliseconds: Math.round(seconds * 1_000) })
          .toString(),
      });
    },
  };
}

async function send(url: string, method: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Basic ${btoa(`${SECRET_KEY}:`)}`,
      'api-version': '2024-11-11',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? tryJson(text) : text };
}

function tryJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const RECURRING = {
  card_on_file_type: 'RECURRING',
  recurring_configuration: { recurring_frequency: 1, recurring_expiry: '2030-12-31' },
};

/** Scripts a charge that stays PENDING and ends so later. */
export function pending(status: 'SUCCEEDED' | 'FAILED', after_seconds: number, failure_code?: string): object {
  const end = { status, after_seconds, ...(failure_code !== undefined && { failure_code }) };
  return { kind: 'pending', then: end }; // oxlint-disable-line unicorn/no-thenable
}

let counter = 0;

/** A SAVE session for recurring cards in Indonesia, with a reference and a customer of its own. */
export function sessionBody(changes: Record<string, unknown> = {}): Json {
  counter += 1;
  return {
    ...documented('session-create.request.save-cards-recurring'),
    reference_id: `session-${counter}`,
    customer: { reference_id: `customer-${counter}`, type: 'INDIVIDUAL', individual_detail: { given_names: 'Ani' } },
    channel_properties: { cards: RECURRING },
    ...changes,
  };
}

/** Opens a session and answers its id. */
export async function openSession(stand: Stand, changes: Record<string, unknown> = {}): Promise<string> {
  return (await stand.post('/sessions', sessionBody(changes))).body.payment_session_id;
}

/** Saves a payment method and answers the token's id. */
export async function saveMethod(
  stand: Stand,
  how: object = {},
  changes: Record<string, unknown> = {},
): Promise<string> {
  const session = await openSession(stand, changes);
  return (await stand.post(`/_sandbox/sessions/${session}/complete`, how)).body.payment_token_id;
}

/** A recurring card charge of IDR 150,000. */
export function chargeBody(token: string, changes: Record<string, unknown> = {}): Json {
  counter += 1;
  return {
    reference_id: `charge-${counter}`,
    type: 'PAY',
    payment_token_id: token,
    country: 'ID',
    currency: 'IDR',
    request_amount: 150_000,
    channel_properties: RECURRING,
    ...changes,
  };
}

type Webhook = { headers: http.IncomingHttpHeaders; body: Json };
export type Merchant = { url: string; received: Webhook[]; answers: number[]; events(): string[] };

/** The merchant's end: keeps what it gets, answers with `answers` in turn and then 200. */
export async function openMerchant(): Promise<Merchant> {
  const received: Webhook[] = [];
  const answers: number[] = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(text) });
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  return { url, received, answers, events: () => received.map((one) => one.body.event) };
}

/** A card, or another method, saved by a customer of this country. */
export function saveIn(stand: Stand, country: string, currency: string, channel_code = 'CARDS'): Promise<string> {
  return saveMethod(stand, { channel_code }, { country, currency });
}

/** What the sandbox has collected, by currency. */
export async function ledger(stand: Stand): Promise<unknown> {
  return (await stand.get('/_sandbox/ledger')).body;
}
