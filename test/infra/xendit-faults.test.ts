import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { xenditGateway } from '../../src/infra/gateway/xendit/xendit.ts';
import { answer, cardCharge, PAID, pay, type Script, scripted, trace } from './xendit-script.ts';

const UNREACHABLE = { kind: 'refused', scope: 'throttled', code: 'GATEWAY_UNREACHABLE', retryAfterSeconds: null };
const TEXT = JSON.stringify(PAID);
const silence: Script = () => undefined;

describe('whatever goes wrong after the request was sent, the outcome is unknown and Xendit heard it once', () => {
  const faults: Readonly<Record<string, Script>> = {
    'no answer at all': silence,
    'a reset before the answer': (_heard, response) => response.socket?.resetAndDestroy(),
    'a polite end before the answer': (_heard, response) => response.socket?.end(),
    'a reset after the status line': (_heard, response) => {
      response.socket?.write('HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n', () => {
        response.socket?.resetAndDestroy();
      });
    },
    'a reset in the middle of the body': (_heard, response) => {
      response.writeHead(201, { 'content-length': TEXT.length });
      response.write(TEXT.slice(0, 40), () => response.socket?.resetAndDestroy());
    },
    'an end in the middle of a body of known length': (_heard, response) => {
      response.writeHead(201, { 'content-length': TEXT.length });
      response.write(TEXT.slice(0, 40), () => response.socket?.end());
    },
    'an end in the middle of a chunked body, though the JSON is whole': (_heard, response) => {
      response.writeHead(201);
      response.write(TEXT, () => response.socket?.end());
    },
    'one byte at a time for ever': (_heard, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    },
    'a header for ever': (_heard, response) => {
      const socket = response.socket;
      socket?.write('HTTP/1.1 201 Created\r\nx-slow: ');
      const drip = setInterval(() => socket?.write('x'), 10);
      socket?.on('close', () => clearInterval(drip));
    },
    'something that is not HTTP': (_heard, response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
    'headers beyond all measure': answer(201, PAID, { 'x-huge': 'x'.repeat(100_000) }),
  };

  it.each(Object.entries(faults))('%s', async (_name, fault) => {
    await using xendit = await scripted(fault, { totalDeadlineMs: 250 });
    const outcome = await pay(xendit);
    expect(outcome).toMatchObject({ kind: 'unknown', paymentRequestId: null });
    expect(xendit.heard).toHaveLength(1);
  });

  it.each(Object.entries(faults))('a look-up is unanswered after %s', async (_name, fault) => {
    await using xendit = await scripted(fault, { totalDeadlineMs: 250 });
    expect(await xendit.gateway.lookUp(trace())).toMatchObject({ kind: 'unanswered' });
    expect(xendit.heard).toHaveLength(1);
  });

  it('a time-out takes the total deadline and no longer', async () => {
    await using xendit = await scripted(faults['one byte at a time for ever'] ?? silence, { totalDeadlineMs: 200 });
    const started = performance.now();
    await pay(xendit);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('a redirect is not followed', () => {
  it.each([301, 302, 303, 307, 308])('%i', async (status) => {
    await using elsewhere = await scripted(answer(201, PAID));
    for (const location of ['/v3/payment_requests', `${elsewhere.url}/v3/payment_requests`]) {
      await using xendit = await scripted(answer(status, '', { location }));
      expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: `HTTP ${status}` });
      expect(xendit.heard).toHaveLength(1);
    }
    expect(elsewhere.heard).toEqual([]);
  });
});

describe('garbage is unknown, and costs no memory', () => {
  const many = Buffer.alloc(8 * 1024 * 1024, ' ');
  const garbage: Readonly<Record<string, Script>> = {
    'an empty 201': answer(201, ''),
    'a 204': (_heard, response) => response.writeHead(204).end(),
    'truncated JSON': answer(201, TEXT.slice(0, -1)),
    'an HTML page': answer(200, '<html><body>Welcome to the hotel Wi-Fi</body></html>', {
      'content-type': 'text/html',
    }),
    'a byte order mark': answer(201, `\ufeff${TEXT}`),
    'UTF-16': answer(201, Buffer.from(TEXT, 'utf16le')),
    'a name given twice': answer(201, TEXT.replace('{', '{"status":"FAILED",')),
    'a name given twice, deep down': answer(201, TEXT.replace('"metadata":{', '"metadata":{"billing_cycle":"1",')),
    'a name given twice, once in disguise': answer(201, TEXT.replace('{', '{"st\\u0061tus":"FAILED",')),
    NaN: answer(201, TEXT.replace('500000', 'NaN')),
    '1e400': answer(201, TEXT.replace('500000', '1e400')),
    '__proto__ instead of the fields': answer(201, `{"__proto__":${TEXT}}`),
    'an array': answer(201, `[${TEXT}]`),
    'a number': answer(201, '1'),
    null: answer(201, 'null'),
    'an id with a NUL, which Postgres would refuse': answer(201, TEXT.replace('"pr-', '"pr-\\u0000')),
    'a body of 8 MiB': answer(201, Buffer.concat([Buffer.from(TEXT), many])),
    'a gzip bomb': answer(201, gzipSync(many), { 'content-encoding': 'gzip' }),
    'gzip that nobody asked for': answer(201, gzipSync(TEXT), { 'content-encoding': 'gzip' }),
    'brackets without end': answer(201, '['.repeat(1_000_000)),
  };

  it.each(Object.entries(garbage))('%s', async (_name, script) => {
    await using xendit = await scripted(script);
    expect(await pay(xendit)).toMatchObject({ kind: 'unknown' });
    expect(xendit.heard).toHaveLength(1);
  });

  it('a body without end is cut off after a few MiB', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024, ' ');
    await using xendit = await scripted((_heard, response) => {
      response.writeHead(201);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    expect(await pay(xendit)).toMatchObject({ kind: 'unknown', detail: 'an answer of more than 1 MiB' });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('names the fault and not what was in it', async () => {
    await using xendit = await scripted(answer(201, `{"card":"4000000000001091"`));
    expect(await pay(xendit)).toEqual({ kind: 'unknown', detail: 'the answer is not JSON', paymentRequestId: null });
  });
});

describe('what provably never left us may be sent again', () => {
  const body = () => gatewayTo('http://127.0.0.1:1').describe(cardCharge);
  const gatewayTo = (url: string) => xenditGateway({ url, secretKey: 'xnd_development_x', totalDeadlineMs: 300 });

  it.each(['http://127.0.0.1:1', 'http://localhost:1', 'http://no-such-host.invalid'])('%s', async (url) => {
    expect(await gatewayTo(url).pay(body(), cardCharge.referenceId)).toMatchObject(UNREACHABLE);
  });

  it('a certificate that is not trusted: no byte of the request was written', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      let received = 0;
      const server = createTlsServer(
        { key: KEY, cert: CERTIFICATE, minVersion: version, maxVersion: version },
        (socket) => {
          socket.on('data', (data) => {
            received += data.length;
          });
          socket.on('error', () => undefined);
        },
      );
      await using address = await listening(server);
      const gateway = gatewayTo(`https://127.0.0.1:${address.port}`);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => gateway.pay(body(), cardCharge.referenceId)));
      for (const outcome of outcomes) expect(outcome).toMatchObject(UNREACHABLE);
      await gateway.close();
      expect(received).toBe(0);
    }
  });

  it('a TLS handshake that never ends', async () => {
    await using address = await listening(createTcpServer((socket) => socket.on('error', () => undefined)));
    const gateway = gatewayTo(`https://127.0.0.1:${address.port}`);
    expect(await gateway.pay(body(), cardCharge.referenceId)).toMatchObject(UNREACHABLE);
  });

  it('a call that waited for a connection until the deadline', async () => {
    await using xendit = await scripted(silence, { totalDeadlineMs: 250, maxSockets: 1 });
    const [first, second] = await Promise.all([pay(xendit), pay(xendit)]);
    expect(first).toMatchObject({ kind: 'unknown' });
    expect(second).toMatchObject(UNREACHABLE);
    expect(xendit.heard).toHaveLength(1);
  });

  it('a call after the gateway was closed', async () => {
    await using xendit = await scripted(answer(201, PAID));
    await xendit.gateway.close();
    expect(await pay(xendit)).toMatchObject(UNREACHABLE);
    expect(xendit.heard).toEqual([]);
  });
});

describe('connections', () => {
  it('are kept and used again', async () => {
    await using xendit = await scripted(answer(201, PAID), { maxSockets: 4 });
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 8 }, () => pay(xendit)));
    expect(xendit.heard).toHaveLength(80);
    expect(xendit.connections).toBeLessThanOrEqual(4);
  });

  it('carry no listeners of calls gone by', async () => {
    await using xendit = await scripted(answer(201, PAID), { maxSockets: 1 });
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    for (let call = 0; call < 40; call += 1) await pay(xendit);
    await new Promise(setImmediate);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('closing waits for the answer that is on its way', async () => {
    let release: () => void = () => undefined;
    await using xendit = await scripted((heard, response) => {
      release = () => answer(201, PAID)(heard, response);
      closing = xendit.gateway.close().then(() => 'closed');
      release();
    });
    let closing: Promise<string> = Promise.resolve('');
    expect(await pay(xendit)).toMatchObject({ kind: 'succeeded' });
    expect(await closing).toBe('closed');
  });
});

async function listening(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

// Self-signed for this test, CN=wrong.example: it opens nothing.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgewJWISotrnPkSKUv
aQXRGrSRpm7pzv8ISqM1Y/lqJAShRANCAASVZWRUzLTOyukP3jXNH2S/Gyojqdey
5I35FxK/cBkXr0maeLqLcdQ8tcVufNXWsLzTwhT9pXj5KRUtcbcXuKiN
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUa64RdZEzwXu+NYitPrqBb7/63SkwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNd3JvbmcuZXhhbXBsZTAgFw0yNjExMjEwNTEwNTVaGA8yMTI2
MTAyODA1MTA1NVowGDEWMBQGA1UEAwwNd3JvbmcuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABJVlZFTMtM7K6Q/eNc0fZL8bKiOp17LkjfkXEr9wGRev
SZp4uotx1Dy1xW581dawvNPCFP2lePkpFS1xtxe4qI2jUzBRMB0GA1UdDgQWBBRl
7ZsN7AMEvgnebmySwMGa9QM4IzAfBgNVHSMEGDAWgBRl7ZsN7AMEvgnebmySwMGa
9QM4IzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCjAZTKwoqy
kK4hiVqnqYgkwb65Db8mCHlKkhgXK0bj8AIgbnz5+id0TTdZRpMNDVpdn9SL3mnD
SqXEkh68NrEFhbM=
-----END CERTIFICATE-----`;
