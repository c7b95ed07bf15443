import type { TokenRow } from '../../infra/tables/schema/method-columns.ts';

/** A method at its place among those of a subscription. */
export function methodView(method: TokenRow, index: number) {
  return {
    id: method.id,
    rank: index + 1,
    channel_code: method.channelCode,
    label: method.label,
    status: method.status,
  };
}
