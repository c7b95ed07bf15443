import type { Client, Json } from './daemon.ts';
import { eventually } from './daemon.ts';

/** What a product and its customers do, over HTTP only: against the daemon's API and the stand-in for Xendit. */
export type Street = {
  /** A subscription whose customer has saved a method; answers when the daemon knows it. */
  subscribe(reference: string, more?: { plan?: string; channel?: string; customer?: object }): Promise<string>;
  subscription(id: string): Promise<Json>;
  /** Its charges with their attempts, oldest first. */
  charges(id: string): Promise<readonly Json[]>;
  /** The test clock is there, and all is done that fell due on the way. */
  clockTo(now: string, jump?: boolean): Promise<void>;
  /** What the next charge of a subscription meets. */
  script(subscriptionId: string, script: object): Promise<void>;
  /** Requests to charge that reached Xendit, by reference. */
  requests(subscriptionId: string): Promise<readonly string[]>;
  /** What Xendit has really taken from the subscription's customer. */
  taken(subscriptionId: string): Promise<readonly Json[]>;
};

export function street(api: Client, sandbox: Client): Street {
  return {
    async subscribe(reference, { plan = 'monthly', channel = 'CARDS', customer = {} } = {}) {
      const { id, onboarding } = await api.post('/v1/subscriptions', {
        reference_id: reference,
        plan,
        customer: { reference_id: `customer-${reference}`, given_names: 'Siti', ...customer },
      });
      await sandbox.post(`/_sandbox/sessions/${onboarding.session_id}/complete`, { channel_code: channel });
      await eventually(async () => {
        const { status } = await api.get(`/v1/subscriptions/${id}`);
        if (status === 'pending') throw new Error(`${reference} is pending`);
      });
      return id;
    },
    subscription: (id) => api.get(`/v1/subscriptions/${id}`),
    async charges(id) {
      const { data } = await api.get(`/v1/charges?subscription=${id}&limit=500`);
      return await Promise.all(data.map((one: { id: string }) => api.get(`/v1/charges/${one.id}`)));
    },
    async clockTo(now, jump = false) {
      await api.post('/v1/test-clock', { now, jump });
      await eventually(async () => {
        const clock = await api.get('/v1/test-clock');
        if (clock.status !== 'ready' || clock.now !== now) throw new Error(`the clock stands at ${clock.now}`);
      });
    },
    script: (id, script) =>
      sandbox.post('/_sandbox/scenarios', { match: { reference_prefix: `due_${id}_` }, do: script }),
    async requests(id) {
      const { data } = await sandbox.get('/_sandbox/requests?path=/v3/payment_requests');
      const references = data.map((one: Json) => one.body?.reference_id as string | undefined);
      return references.filter((one: string | undefined) => one?.startsWith(`due_${id}_`));
    },
    async taken(id) {
      const { data } = await sandbox.get('/_sandbox/payments');
      return data.filter((one: Json) => one.reference_id.startsWith(`due_${id}_`) && one.status === 'SUCCEEDED');
    },
  };
}
