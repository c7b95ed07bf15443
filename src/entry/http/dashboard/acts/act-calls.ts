/**
 * The pages that do what a call of the API does, each by the roles of its call. A page shows at GET what would happen, and does it
 * at POST.
 */
export const ACT_CALLS: Readonly<Record<string, string>> = {
  '/charges/:id/release': 'POST /v1/charges/:id/release',
  '/charges/:id/retry': 'POST /v1/charges/:id/retry',
  '/charges/:id/hold': 'POST /v1/charges/:id/hold',
  '/charges/:id/void': 'POST /v1/charges/:id/void',
  '/charges/:id/write-off': 'POST /v1/charges/:id/write-off',
  '/subscriptions/:id/pause': 'POST /v1/subscriptions/:id/pause',
  '/subscriptions/:id/resume': 'POST /v1/subscriptions/:id/resume',
  '/subscriptions/:id/cancel': 'POST /v1/subscriptions/:id/cancel',
  '/subscriptions/:id/keep': 'DELETE /v1/subscriptions/:id/cancel',
  '/subscriptions/:id/grace': 'POST /v1/subscriptions/:id/grace',
  '/subscriptions/:id/change': 'POST /v1/subscriptions/:id/change',
  '/subscriptions/:id/withdraw-change': 'DELETE /v1/subscriptions/:id/change',
  '/subscriptions/:id/new-method': 'POST /v1/subscriptions/:id/onboarding',
  '/subscriptions/:id/first-method': 'PATCH /v1/subscriptions/:id/methods/:method',
  '/subscriptions/:id/remove-method': 'DELETE /v1/subscriptions/:id/methods/:method',
  '/subscriptions/:id/add-item': 'POST /v1/subscriptions/:id/items',
  '/subscriptions/:id/withdraw-item': 'DELETE /v1/subscriptions/:id/items/:item',
  '/subscriptions/:id/notice': 'POST /v1/subscriptions/:id/notices',
  '/subscriptions/:id/consent': 'POST /v1/subscriptions/:id/consents',
  '/disputes/:id/release': 'POST /v1/disputes/:id/release',
  '/health/clock': 'POST /v1/test-clock',
  '/plans/apply': 'POST /v1/catalog/apply',
  '/charges/:id/forgive': 'POST /v1/charges/:id/forgive',
  '/charges/:id/pay': 'POST /v1/subscriptions/:id/payments',
  '/charges/:id/refund': 'POST /v1/charges/:id/refund',
  '/refunds/:id/approve': 'POST /v1/refunds/:id/approve',
  '/refunds/:id/withdraw': 'POST /v1/refunds/:id/withdraw',
};
