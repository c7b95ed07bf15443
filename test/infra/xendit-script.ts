import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { money } from '../../src/domain/money/money.ts';
import type { Gateway, PaymentRequest, PaymentTrace } from '../../src/infra/gateway/gateway.ts';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';
import { plainCards } from '../support/card-terms.ts';

/** One request as it came in over the wire. */
export type Heard = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Script = (heard: Heard, response: ServerResponse) => void;

/** A server that says exactly what the script says, and remembers what it heard. */
export type Scripted = AsyncDisposable & {
  readonly url: string;
  readonly heard: Heard[];
  readonly gateway: Gateway;
  connections: number;
};

type Limits = { readonly totalDeadlineMs?: number; readonly maxSockets?: number };

export async function scripted(script: Script, limits: Limits = {}): Promise<Scripted> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      heard.push(one);
      script(one, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = xenditGateway({ url, secretKey: SECRET_KEY, totalDeadlineMs: 5_000, ...limits });
  const stand: Scripted = {
    url,
    heard,
    gateway,
    connections: 0,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  server.on('connection', () => {
    stand.connections += 1;
  });
  return stand;
}

export const SECRET_KEY = 'xnd_development_CANARY0123456789';

/** Answers one JSON text, or a value as JSON, with this status. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return (_heard, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** Answers by the beginning of "METHOD /path"; what is not listed is a 404. */
export function routes(table: Readonly<Record<string, Script>>): Script {
  return (heard, response) => {
    const line = `${heard.method} ${heard.path}`;
    const route = Object.keys(table).find((start) => line.startsWith(start));
    const script = route === undefined ? answer(404, { error_code: 'DATA_NOT_FOUND', message: 'none' }) : table[route];
    script?.(heard, response);
  };
}

/** One of Xendit's own payloads, copied from its documentation (test/fixtures/xendit/INDEX.md). */
export function sample(name: string): Record<string, unknown> {
  return JSON.parse(sampleText(name)) as Record<string, unknown>;
}

export function sampleText(name: string): string {
  return readFileSync(new URL(`../fixtures/xendit/${name}.json`, import.meta.url), 'utf8');
}

/** The charge that Xendit's documented answers are about: IDR 500,000 on a card. */
export const cardCharge: PaymentRequest = {
  referenceId: 'recurring_payment_123460',
  tokenId: 'pt-90392f42-d98a-49ef-a7f3-abcezas123',
  channelCode: 'CARDS',
  country: 'ID',
  amount: money(500_000, 'IDR'),
  mandate: {
    cardOnFileType: 'RECURRING',
    recurringFrequency: 1,
    recurringExpiry: Temporal.PlainDate.from('2026-12-12'),
  },
  returnUrls: { success: 'https://xendit.co/success', cancel: 'https://xendit.co/failure' },
  cards: plainCards,
  description: 'Monthly subscription - Month 2',
  metadata: { subscription_id: 'sub_789', billing_cycle: '2' },
};

export const PAID = sample('payment-request-token.response.recurring-cards.succeeded');

/** Sends the card charge, or a changed one, once. */
export function pay(stand: Scripted, change: Partial<PaymentRequest> = {}) {
  const request = { ...cardCharge, ...change };
  return stand.gateway.pay(stand.gateway.describe(request), request.referenceId);
}

/** What we look for when the card charge was never answered. */
export function trace(change: Partial<PaymentTrace> = {}): PaymentTrace {
  return { referenceId: cardCharge.referenceId, paymentRequestId: null, amount: cardCharge.amount, ...change };
}
