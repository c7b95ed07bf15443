import type { SubscriptionView } from '../../flows/views/subscription-view.ts';
import type { Api, Page } from './api.ts';
import { Failed } from './verb.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where the API has a subscription that was named by its id or by the product's reference, as people write it. */
export function subscriptionAddress(named: string): string {
  const id = uuid.test(named) || named.startsWith('ref:') ? named : `ref:${named}`;
  return `/v1/subscriptions/${encodeURIComponent(id)}`;
}

export type Narrowed = { readonly subscription?: string | undefined; readonly customer?: string | undefined };

/** An empty list of somebody whom nobody knows says so: a slip of the pen is no customer who owes nothing. */
export async function mustBeKnown(api: Api, { subscription, customer }: Narrowed): Promise<void> {
  if (subscription !== undefined) await api.get<SubscriptionView>(subscriptionAddress(subscription));
  if (customer === undefined) return;
  const { data } = await api.get<Page<SubscriptionView>>('/v1/subscriptions', { customer, limit: 1 });
  if (data.length === 0) throw new Failed(`There is no customer with the reference or id ${customer}.`);
}
