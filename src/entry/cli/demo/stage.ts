/** The sandbox's own endpoints, which play Xendit's and the customer's part in the demo. */
export type Stage = {
  post<T = unknown>(path: string, body?: object): Promise<T>;
  get<T>(path: string): Promise<T>;
  /** The customer approves a payment on the page that Xendit would show. */
  approve(actionUrl: string): Promise<void>;
  /** The customer presses the button of a page of dueday; answers the session of Xendit's that they are sent to. */
  follow(payLink: string): Promise<string>;
};

/** A payment as the stand-in holds it. */
export type XenditPayment = {
  readonly payment_id: string;
  readonly reference_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
};

export type XenditLedger = { readonly collected: Readonly<Record<string, number>>; readonly count: number };

export function stageAt(sandboxUrl: string): Stage {
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(`${sandboxUrl}/_sandbox/${path}`, init);
    if (!response.ok) throw new Error(`The sandbox refused ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  const headers = { 'content-type': 'application/json' };
  return {
    post: async <T>(path: string, body: object = {}) =>
      (await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })) as T,
    get: async <T>(path: string) => (await ask(path, {})) as T,
    async follow(payLink) {
      const response = await fetch(payLink, { method: 'POST', redirect: 'manual' });
      const session = response.headers.get('location')?.split('/').at(-1);
      if (response.status === 303 && session !== undefined) return session;
      throw new Error(`The page behind the link answered ${response.status}.`);
    },
    async approve(actionUrl) {
      const response = await fetch(actionUrl, {
        method: 'POST',
        body: new URLSearchParams({ action: 'approve' }),
        redirect: 'manual',
      });
      if (response.status >= 400) throw new Error(`The sandbox refused the customer's approval: ${response.status}`);
    },
  };
}
