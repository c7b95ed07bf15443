import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/infra/database/db.ts';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';

const folder = join(import.meta.dirname, '../fixtures/tls');
const certificate = join(folder, 'localhost.crt');
const identity = { cert: readFileSync(certificate), key: readFileSync(join(folder, 'localhost.key')) };

async function port(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Somebody who stands where Postgres should be, with a certificate that nobody vouches for, or with none. */
async function impostor(offersTls: boolean): Promise<{ readonly port: number; readonly heard: () => string }> {
  let heard = '';
  const listen = (text: Buffer) => {
    heard += text.toString('latin1');
  };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(offersTls ? 'S' : 'N');
      if (!offersTls) return void socket.on('data', listen);
      const secure = new TLSSocket(socket, { isServer: true, ...identity });
      secure.on('error', () => undefined);
      secure.on('data', (text: Buffer) => {
        listen(text);
        secure.destroy();
      });
    });
  });
  return { port: await port(server), heard: () => heard };
}

/** Connects as told, and answers what went wrong. */
async function connecting(url: string): Promise<unknown> {
  const db = openDatabase({ url, poolSize: 1, deadlineMs: 1_500 });
  onTestFinished(() => db.close());
  return await db.run(sql`select 1`).catch((error: unknown) => error);
}

const at = (place: number, query: string) =>
  `postgres://canary-user:canary-word@localhost:${place}/canary-base?${query}`;

describe('the database over TLS', () => {
  test.each(['sslmode=verify-full', 'sslmode=verify-ca', 'sslrootcert=system'])(
    'tells nothing to a server that nobody vouches for: %s',
    async (query) => {
      const { port: place, heard } = await impostor(true);
      expect(await connecting(at(place, query))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(heard()).toBe('');
    },
  );

  test.each(['verify-full', 'verify-ca', 'require'])('never goes on in plain text: sslmode=%s', async (mode) => {
    const { port: place, heard } = await impostor(false);
    expect(await connecting(at(place, `sslmode=${mode}`))).toBeInstanceOf(Error);
    expect(heard()).not.toContain('canary');
  });

  test.each(['prefer', 'allow', 'verify-fully', ''])('is refused when it might: sslmode=%s', (mode) => {
    const open = () => openDatabase({ url: at(1, `sslmode=${mode}`) });
    expect(open).toThrow('must be verify-full, verify-ca, require or disable');
    expect(open).not.toThrow('canary');
  });

  test.each([`sslmode=verify-full&sslrootcert=${certificate}`, 'sslmode=require'])(
    'speaks to a server that it may speak to: %s',
    async (query) => {
      const { port: place, heard } = await impostor(true);
      await connecting(at(place, query));
      expect(heard()).toContain('canary-user');
    },
  );

  test('does not take the right certificate from a server of another name', async () => {
    const { port: place, heard } = await impostor(true);
    const url = at(place, `sslmode=verify-full&sslrootcert=${certificate}`).replace('localhost', '127.0.0.1');
    expect(await connecting(url)).toBeInstanceOf(Error);
    expect(heard()).toBe('');
  });
});

test.each([undefined, '0'])(
  'the key is not sent to a gateway that nobody vouches for (NODE_TLS_REJECT_UNAUTHORIZED=%s)',
  async (loose) => {
    const heard: string[] = [];
    const server = createHttps(identity, (request, response) => {
      heard.push(JSON.stringify(request.headers));
      response.end('{}');
    });
    const place = await port(server);
    if (loose !== undefined) process.env.NODE_TLS_REJECT_UNAUTHORIZED = loose;
    onTestFinished(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    const gateway = xenditGateway({ url: `https://localhost:${place}`, secretKey: 'xnd_development_canary' });
    onTestFinished(() => gateway.close());
    expect(await gateway.session('ps-1')).toMatchObject({ kind: 'silent' });
    expect(heard).toEqual([]);
  },
);
