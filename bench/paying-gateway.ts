import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * A gateway that pays everything at once, in a process of its own: what is measured is us. Told to count, it says how many
 * payments it made; one under a reference that it knows ends it.
 */

const seen = new Set<string>();
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  request.on('end', () => {
    const body = JSON.parse(text) as { readonly reference_id: string };
    if (seen.has(body.reference_id)) throw new Error(`charged twice: ${body.reference_id}`);
    seen.add(body.reference_id);
    const id = seen.size.toString(16).padStart(12, '0');
    const ids = {
      payment_request_id: `pr-00000000-0000-4000-8000-${id}`,
      latest_payment_id: `py-00000000-0000-4000-8000-${id}`,
    };
    response
      .writeHead(201, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...body, ...ids, status: 'SUCCEEDED', actions: [] }));
  });
});
// Whoever waits for its turn keeps its connections: a call on one that is being closed would fail.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
process.on('message', () => process.send?.({ count: seen.size }));
process.on('disconnect', () => process.exit(0));
