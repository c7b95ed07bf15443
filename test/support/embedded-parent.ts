import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';

// A process that owns an embedded server and says where it is; how it ends is up to the test.
const embedded = await startEmbedded({ dataDir: process.argv[2] ?? '', durable: false });
process.stdout.write(`${JSON.stringify(embedded)}\n`);
setInterval(() => undefined, 60_000);
