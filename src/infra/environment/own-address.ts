/** What the environment says of where we listen; `webhookPort` is null when webhooks have no listener of their own. */
type Place = {
  readonly host: string;
  readonly port: number;
  readonly webhookPort: number | null;
  readonly publicUrl: string;
};

const WEBHOOKS = '/webhooks/xendit';

/** A port of ours as a URL. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Where webhooks are taken. With a listener of their own that is where it listens: how the world gets there, only the
 * admin knows.
 */
export function webhookAddress(env: Pick<Place, 'host' | 'webhookPort' | 'publicUrl'>): string {
  if (env.webhookPort !== null) return `${addressOf(env.host, env.webhookPort)}${WEBHOOKS}`;
  return `${env.publicUrl.replace(/\/+$/, '')}${WEBHOOKS}`;
}

/** The same for somebody on this machine; whoever listens on every address is found over loopback. */
export function nearWebhookAddress({ host, port, webhookPort }: Pick<Place, 'host' | 'port' | 'webhookPort'>): string {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${addressOf(near, webhookPort ?? port)}${WEBHOOKS}`;
}
