import type { Context } from '../../../context.ts';
import { applyCatalog } from '../../../flows/edits/apply-catalog.ts';
import { diffCatalog } from '../../../flows/edits/diff-catalog.ts';
import type { OwedNotices } from '../../../flows/edits/owed-notices.ts';
import type { Api } from '../api.ts';
import { dearerCatalog } from './catalog.ts';

/** The admin looks at what the edit would do, and puts exactly that in force: "dueday catalog diff" and "apply". */
export async function raisePrice(ctx: Context): Promise<void> {
  const source = { name: 'catalog.yaml', text: dearerCatalog };
  const shown = await diffCatalog(ctx, source);
  if (shown.kind === 'faults') throw new Error(shown.faults.join('\n'));
  const reason = 'the rent of the studio went up';
  const applied = await applyCatalog(ctx, { source, digest: shown.diff.digest, actor: 'cli:demo', reason });
  if (applied.kind !== 'applied') throw new Error(`The edit was not applied: ${applied.kind}.`);
}

/** The product mails a customer who is to be told of a higher price, and writes that down. */
export async function tellOfPrice(api: Api, subscriptionId: string): Promise<void> {
  const { data } = await api.get<OwedNotices>('/v1/notices', { owed: 'true' });
  const owed = data.find(({ subscription }) => subscription === subscriptionId);
  if (owed === undefined) throw new Error('No notice is owed that could be sent.');
  const { now } = await api.get<{ now: string }>('/v1/test-clock');
  const notice = { kind: owed.kind, subject: owed.subject, sent_at: now, channel: 'email' };
  await api.post(`/v1/subscriptions/${subscriptionId}/notices`, notice);
}

/** The customer clicks on one of the two buttons of that mail, and the product writes it down. */
export async function answerPrice(api: Api, subscriptionId: string, answer: 'given' | 'refused'): Promise<void> {
  const consent = { what: 'price', answer, evidence: 'the button of the mail' };
  await api.post(`/v1/subscriptions/${subscriptionId}/consents`, consent);
}
