import { DisputeBody, DisputeMoveBody } from './control-body.ts';
import { parse } from './http/shape.ts';
import { disputable, endDispute, findDispute, raiseDispute, reviewDispute } from './resources/dispute.ts';
import type { World } from './world.ts';

/** The customer goes to their bank about a payment. */
export function dispute(world: World, input: unknown): object {
  const { payment_id: paymentId, amount } = parse(DisputeBody, input);
  return { dispute_id: raiseDispute(world, disputable(world, paymentId), { amount }).id };
}

/** The merchant has answered, or the network has decided. */
export function moveDispute(world: World, id: string, input: unknown): object {
  const { status, terminal } = parse(DisputeMoveBody, input);
  const disputed = findDispute(world, id);
  if (status === 'UNDER_REVIEW') return reviewDispute(world, disputed);
  return endDispute(world, disputed, { status, terminal, reason: 'CHALLENGED' });
}
