import { Agent } from 'node:http';
import got from 'got';
import pMap from 'p-map';

/** As many as a batch has under way. */
const AT_ONCE = 100;

/** What a request to charge a card looks like, with nothing of ours behind it. */
const BODY = {
  type: 'PAY',
  payment_token_id: 'pt-00000000-0000-4000-8000-000000000000',
  country: 'ID',
  currency: 'IDR',
  request_amount: 150_000,
  capture_method: 'AUTOMATIC',
  channel_properties: {
    card_on_file_type: 'RECURRING',
    recurring_configuration: { recurring_expiry: '2040-01-01', recurring_frequency: 1 },
    transaction_sequence: 'SUBSEQUENT',
    success_return_url: 'https://example.com/a',
    failure_return_url: 'https://example.com/b',
  },
};

export type BareCalls = { make(count: number): Promise<void>; close(): void };

/** Calls of the same gateway with got and nothing else: what this machine can do at most. */
export function bareCalls(url: string): BareCalls {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const http = got.extend({ retry: { limit: 0 }, agent: { http: agent } });
  let made = 0;
  const call = async () => {
    made += 1;
    await http.post(`${url}/v3/payment_requests`, { json: { ...BODY, reference_id: `bare_${made}` } }).json();
  };
  return {
    async make(count) {
      await pMap(Array.from({ length: count }), call, { concurrency: AT_ONCE });
    },
    close: () => agent.destroy(),
  };
}
