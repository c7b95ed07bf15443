import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Channels } from '../domain/control/readiness.ts';

/** What is counted, and how it is shown to Prometheus; the library (still 0.x) stays behind this file. */
export type Metrics = {
  attemptSettled(outcome: string, channel: string): void;
  gatewayCall(endpoint: string, milliseconds: number): void;
  decided(kind: string): void;
  /** Numbers that are read when somebody looks: queue, clock, charging. */
  show(facts: Shown): void;
  runEnded(): void;
  text(): Promise<string>;
  readonly contentType: string;
};

export type Shown = {
  readonly dueCharges: number;
  readonly oldestDueSeconds: number;
  readonly inFlight: number;
  readonly chargingStopped: boolean;
  readonly disarmed: boolean;
  readonly channels: Channels;
  readonly expectedFinishSeconds: number;
};

/** A registry of its own, so that two daemons in one process do not share figures. */
export function metrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const settled = new Counter({
    name: 'dueday_attempts_settled_total',
    help: 'Outcomes of attempts',
    labelNames: ['outcome', 'channel'],
    registers,
  });
  const decided = new Counter({
    name: 'dueday_decisions_total',
    help: 'Decisions about charges',
    labelNames: ['kind'],
    registers,
  });
  const calls = new Histogram({
    name: 'dueday_gateway_seconds',
    help: 'Time until Xendit answered',
    labelNames: ['endpoint'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const due = gauge('dueday_due_charges', 'Charges that may be attempted now');
  const oldest = gauge('dueday_oldest_due_age_seconds', 'How long the longest due charge has waited');
  const flight = gauge('dueday_attempts_in_flight', 'Attempts without an outcome');
  const stopped = gauge('dueday_charging_stopped', '1 while charging is stopped as a whole');
  const disarmed = gauge('dueday_charging_disarmed', '1 while this process is not armed: see dueday doctor');
  const byChannel = (name: string, help: string) => new Gauge({ name, help, labelNames: ['channel'], registers });
  const channelStopped = byChannel(
    'dueday_channel_stopped',
    '1 while the breaker of this channel holds its charges back',
  );
  const channelWaiting = byChannel('dueday_channel_waiting', 'Charges due on a channel, while any channel is stopped');
  const finish = gauge(
    'dueday_expected_finish_seconds',
    'Time until all due charges are attempted, at the allowed pace',
  );
  const lastRun = gauge('dueday_last_run_timestamp_seconds', 'When the last run ended');
  return {
    attemptSettled: (outcome, channel) => settled.inc({ outcome, channel }),
    decided: (kind) => decided.inc({ kind }),
    gatewayCall: (endpoint, milliseconds) => calls.observe({ endpoint }, milliseconds / 1_000),
    show(facts) {
      due.set(facts.dueCharges);
      oldest.set(facts.oldestDueSeconds);
      flight.set(facts.inFlight);
      stopped.set(facts.chargingStopped ? 1 : 0);
      disarmed.set(facts.disarmed ? 1 : 0);
      finish.set(facts.expectedFinishSeconds);
      for (const [channel, { state, waiting }] of Object.entries(facts.channels)) {
        channelStopped.set({ channel }, state === 'closed' ? 0 : 1);
        channelWaiting.set({ channel }, waiting);
      }
    },
    runEnded: () => lastRun.setToCurrentTime(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
