import type { Context } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { type Mandate, type MandateEcho, mandateFault } from '../../domain/methods/mandate.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { mandateOf } from './request-for.ts';

/** What the answer about an attempt repeats otherwise than its card was saved under; null: nothing, or it is no card. */
export function echoFault({ token }: AttemptDossier, outcome: Outcome): string | null {
  const echo = 'echo' in outcome ? outcome.echo : undefined;
  if (echo === undefined || token?.channelCode !== 'CARDS') return null;
  return mandateFault(mandateOf(token), echo);
}

/** Whatever was decided stays decided, so that paid is paid; but whoever reads why reads this, too. */
export function withEchoFault(decision: Decision, fault: string | null): Decision {
  if (fault === null) return decision;
  const text = `${decision.why.text} Xendit's answer repeats the mandate as ${fault}.`;
  return { ...decision, why: { ...decision.why, text } };
}

/** Said at once, and beside each charge that it happens to: without the mandate, issuers decline and customers dispute. */
export function tellOfEcho(ctx: Context, about: Readonly<Record<string, string>>, fault: string): void {
  const way_out =
    'ask Xendit whether the account may charge cards as RECURRING (merchant-initiated), and compare what is sent (docs/xendit.md, Mandates)';
  ctx.log.error('mandate was not taken', { ...about, why: `the answer repeats ${fault}`, way_out });
}

/** The same of a session or a token, as a card is saved. */
export function tellOfSaving(
  ctx: Context,
  subscriptionId: string,
  asked: Mandate,
  echo: MandateEcho | undefined,
): void {
  const fault = echo === undefined ? null : mandateFault(asked, echo);
  if (fault !== null) tellOfEcho(ctx, { subscription_id: subscriptionId }, fault);
}
