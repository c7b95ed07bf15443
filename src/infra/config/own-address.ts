import type { Env } from './env.ts';

const WEBHOOKS = '/webhooks/xendit';

/** A port of ours as a URL. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Where webhooks are taken. With a listener of their own that is where it listens: how the world gets there, only the
 * admin knows.
 */
export function webhookAddress(env: Pick<Env, 'host' | 'webhookPort' | 'publicUrl'>): string {
  if (env.webhookPort !== null) return `${addressOf(env.host, env.webhookPort)}${WEBHOOKS}`;
  return `${env.publicUrl.replace(/\/+$/, '')}${WEBHOOKS}`;
}

/** The same for somebody on this machine; whoever listens on every address is found over loopback. */
export function nearWebhookAddress({ host, port, webhookPort }: Pick<Env, 'host' | 'port' | 'webhookPort'>): string {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${addressOf(near, webhookPort ?? port)}${WEBHOOKS}`;
}
