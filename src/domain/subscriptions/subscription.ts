export const subscriptionStatuses = [
  'pending',
  'trialing',
  'active',
  'past_due',
  'paused',
  'canceled',
  'ended',
] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/** Charges of these are attempted. An ended one still owes its last cycle; a canceled or paused one is left alone. */
export function isChargeable(status: SubscriptionStatus): boolean {
  return status === 'trialing' || status === 'active' || status === 'past_due' || status === 'ended';
}

/** New cycles of these are opened; those of a paused one are opened as void, so that no cycle lacks its row. */
export function hasCycles(status: SubscriptionStatus): boolean {
  return status === 'trialing' || status === 'active' || status === 'past_due' || status === 'paused';
}

/** Nothing of these begins any more. */
export function isOver(status: SubscriptionStatus): boolean {
  return status === 'canceled' || status === 'ended';
}

export type Transition = 'change' | 'cancel' | 'keep' | 'pause' | 'resume' | 'add_items' | 'replace_method';

const allowed: Readonly<Record<Transition, readonly SubscriptionStatus[]>> = {
  change: ['trialing', 'active', 'past_due'],
  cancel: ['pending', 'trialing', 'active', 'past_due', 'paused'],
  /** What is planned for the end of its period is taken back. */
  keep: ['trialing', 'active', 'past_due', 'paused'],
  pause: ['active', 'past_due', 'trialing'],
  resume: ['paused'],
  /** Lines of the next charge come and go. */
  add_items: ['pending', 'trialing', 'active', 'past_due', 'paused'],
  replace_method: ['pending', 'trialing', 'active', 'past_due', 'paused', 'ended'],
};

/** Whether a person or the product may do this to a subscription in that state. */
export function may(transition: Transition, status: SubscriptionStatus): boolean {
  return allowed[transition].includes(status);
}

/** The states from which a transition is allowed, for messages. */
export function statesFor(transition: Transition): readonly SubscriptionStatus[] {
  return allowed[transition];
}
