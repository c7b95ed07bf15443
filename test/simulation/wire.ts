import type { Call, Reply, Transport } from '../../src/xendit/transport.ts';
import { between, type Chance } from '../support/chance.ts';
import type { Exchange } from './exchange.ts';
import type { Swarm } from './faults.ts';
import type { Life, Ports } from './life.ts';
import type { Meter } from './meter.ts';
import type { Timeline } from './timeline.ts';
import type { Watch } from './watch.ts';

export type Wires = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly faults: Swarm;
  readonly ports: Ports;
  readonly exchange: Exchange;
  readonly watch: Watch;
  readonly meter: Meter;
  tell(line: string): void;
  /** A request is with Xendit, and its answer is still to come. */
  reached(reference: string | undefined): void;
  /** Nobody can tell from the answer what became of the request. */
  doubted(reference: string | undefined): void;
};

/** The client's own total deadline (transport.ts). */
const DEADLINE_MS = 30_000;
const late: Reply = { kind: 'silent', detail: `no whole answer within ${DEADLINE_MS} ms` };

/** A replica's way to Xendit: HTTP as the real client gives it back, the network and Xendit simulated. */
export function clientOf(given: Wires, name: string, life: Life): Transport {
  const { time, random, ports, watch, exchange, tell } = given;
  return {
    send(call) {
      const leftAt = time.now();
      const isRefused = given.faults.strikes('connectionRefused');
      return ports.call(life, between(random, 5, 200), async () => {
        if (isRefused) return { answer: { kind: 'not_sent', detail: 'ECONNREFUSED' } as const, takes: 1 };
        await watch.arrives(call, leftAt);
        if (call.method === 'POST') given.reached(referenceOf(call));
        given.meter.reached(endpointOf(call));
        const { reply, takes } = exchange(call, given.faults);
        if (call.method === 'POST' && isNoAnswer(reply, takes)) given.doubted(referenceOf(call));
        tell(`${name} ${subjectOf(call)} -> ${reply.kind === 'answered' ? reply.status : reply.kind} in ${takes} ms`);
        return takes > DEADLINE_MS ? { answer: late, takes: DEADLINE_MS } : { answer: reply, takes };
      });
    },
    close: async () => undefined,
  };
}

function endpointOf({ method, path }: Call): string {
  const [first = '', second = ''] = path.split(/[/?]/).slice(1);
  return `${method} ${first === 'v3' ? second : first}`;
}

function isNoAnswer(reply: Reply, takes: number): boolean {
  return reply.kind !== 'answered' || reply.status >= 500 || takes > DEADLINE_MS;
}

function referenceOf({ body }: Call): string | undefined {
  return /"reference_id":"([^"]+)"/.exec(body ?? '')?.[1];
}

function subjectOf(call: Call): string {
  const { method, path } = call;
  const reference = referenceOf(call);
  return `${method} ${path}${reference === undefined ? '' : ` ${reference}`}`;
}
