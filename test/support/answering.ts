import type { AccountContext } from '../../src/context.ts';
import type { Gateway } from '../../src/infra/gateway/gateway.ts';

/** The context of somebody whom the gateway answers otherwise in these. */
export function answering(ctx: AccountContext, change: Partial<Gateway>): AccountContext {
  return { ...ctx, gateway: { ...ctx.gateway, ...change } };
}
