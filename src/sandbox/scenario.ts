import { z } from 'zod';
import { covers } from './http/path.ts';

const seconds = z.number().min(0);
const failureCode = z.string().min(1);

const Match = z.strictObject({
  reference_id: z.string().optional(),
  reference_prefix: z.string().optional(),
  payment_token_id: z.string().optional(),
  customer_reference: z.string().optional(),
  path: z.string().startsWith('/').optional(),
  method: z.enum(['GET', 'POST']).optional(),
});

const PendingEnd = z.strictObject({
  status: z.enum(['SUCCEEDED', 'FAILED']),
  failure_code: failureCode.optional(),
  after_seconds: seconds,
});

const Behaviour = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('decline'),
    failure_code: failureCode,
    network_response_code: z.string().optional(),
    merchant_advice_code: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('requires_action'), url: z.string().optional() }),
  z.strictObject({
    kind: z.literal('pending'),
    then: PendingEnd.optional(), // oxlint-disable-line unicorn/no-thenable
  }),
  z.strictObject({ kind: z.literal('late_success'), failure_code: failureCode, after_seconds: seconds }),
  z.strictObject({
    kind: z.literal('http_error'),
    status: z.int().min(400).max(599),
    error_code: z.string(),
    message: z.string().optional(),
    charged: z.boolean().optional(),
    reset_seconds: seconds.optional(),
  }),
  z.strictObject({ kind: z.literal('timeout'), charged: z.boolean(), after_seconds: seconds.optional() }),
  z.strictObject({ kind: z.literal('reset'), charged: z.boolean() }),
  z.strictObject({ kind: z.literal('garbage'), charged: z.boolean(), body: z.string().optional() }),
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0) }),
]);

export const ScenarioBody = z.strictObject({
  match: Match.optional(),
  times: z.int().min(1).optional(),
  do: Behaviour,
});

export type Scripted = z.infer<typeof Behaviour>;
/** What becomes of the money. The charge itself plays these. */
export type ChargeScript = Extract<Scripted, { kind: 'decline' | 'requires_action' | 'pending' | 'late_success' }>;
/** What becomes of the answer. The wire plays these. */
export type WireScript = Exclude<Scripted, ChargeScript>;

/** One request to the stand-in, as far as a scenario can look at it. */
export type Call = {
  readonly method: string;
  readonly path: string;
  readonly reference_id: string | undefined;
  readonly payment_token_id: string | undefined;
  readonly customer_reference: string | undefined;
};

export type Scenario = {
  readonly id: string;
  readonly match: z.infer<typeof Match>;
  readonly do: Scripted;
  left: number;
};

export type Scenarios = {
  add(scenario: Scenario): void;
  /** The first scenario that matches. It is spent only by `spend`, so a request that is refused spends nothing. */
  find(call: Call): Scenario | undefined;
  spend(scenario: Scenario): void;
  clear(): void;
};

/** The scenarios that wait for a request, in the order in which they were asked for. */
export function makeScenarios(): Scenarios {
  let waiting: Scenario[] = [];
  return {
    add: (scenario) => void waiting.push(scenario),
    find: (call) => waiting.find((scenario) => matches(scenario.match, call)),
    spend(scenario) {
      scenario.left -= 1;
      if (scenario.left === 0) waiting = waiting.filter((one) => one !== scenario);
    },
    clear() {
      waiting = [];
    },
  };
}

export function isChargeScript(script: Scripted): script is ChargeScript {
  return ['decline', 'requires_action', 'pending', 'late_success'].includes(script.kind);
}

// Without a path a scenario means the charge: that is what nearly every test scripts.
function matches(match: Scenario['match'], call: Call): boolean {
  const path = match.path ?? '/v3/payment_requests';
  const method = match.method ?? (match.path === undefined ? 'POST' : call.method);
  return (
    method === call.method &&
    covers(path, call.path) &&
    (match.reference_id ?? call.reference_id) === call.reference_id &&
    (match.payment_token_id ?? call.payment_token_id) === call.payment_token_id &&
    (match.customer_reference ?? call.customer_reference) === call.customer_reference &&
    (match.reference_prefix === undefined || call.reference_id?.startsWith(match.reference_prefix) === true)
  );
}
