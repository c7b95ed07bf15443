import type { Dispute } from '../../src/infra/gateway/dispute.ts';
import type { Answer, Gateway } from '../../src/infra/gateway/gateway.ts';

/** The gateway's disputes by their id; `calls`: false where the account has none that reads them. */
export type Disputes = {
  readonly there: Map<string, Dispute>;
  calls: boolean;
};

const absent = {
  kind: 'refused',
  status: 404,
  code: 'NOT_FOUND',
  message: 'not found',
  retryAfterSeconds: null,
} as const satisfies Answer<never>;

/** Answers about disputes as the gateway does. */
export function disputeCalls(disputes: Disputes): Pick<Gateway, 'disputeById' | 'disputes'> {
  return {
    async disputeById(id) {
      const dispute = disputes.calls ? disputes.there.get(id) : undefined;
      return dispute === undefined ? absent : { kind: 'ok', value: dispute };
    },
    async disputes(query) {
      if (!disputes.calls) return absent;
      const all = [...disputes.there.values()];
      const asked = 'paymentId' in query ? all.filter(({ paymentId }) => paymentId === query.paymentId) : all;
      return { kind: 'ok', value: { disputes: asked, unreadable: 0, next: null } };
    },
  };
}
