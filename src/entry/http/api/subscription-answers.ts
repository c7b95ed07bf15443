import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Context } from '../../../context.ts';
import type { Started } from '../../../flows/onboarding/start-onboarding.ts';
import type { Previewed } from '../../../flows/subscriptions/canceling/preview-cancel.ts';
import type { Changed } from '../../../flows/subscriptions/change-subscription.ts';
import type { PreviewedChange } from '../../../flows/subscriptions/changing/preview-change.ts';
import type { CreateInput } from '../../../flows/subscriptions/create-input.ts';
import { type Created, createSubscription } from '../../../flows/subscriptions/create-subscription.ts';
import { replaceMethod } from '../../../flows/subscriptions/replace-method.ts';
import { changePreviewView } from '../../../flows/views/change-view.ts';
import { showSubscription } from '../../../flows/views/list-subscriptions.ts';
import { problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { minutesOf, placeOf } from './create-input.ts';
import type { onboardingBody } from './schemas.ts';

/** What POST /v1/subscriptions answers. */
export async function answerCreated(ctx: Context, reply: FastifyReply, input: CreateInput) {
  const created = await createSubscription(ctx, input);
  switch (created.kind) {
    case 'created': {
      const view = withKey(await shown(ctx, created.dossier.subscription.id), created.sdkKey ?? null);
      reply.code(201);
      const warnings = [...created.notSent, ...created.local];
      return warnings.length === 0 ? view : { ...view, warnings };
    }
    case 'known':
      reply.code(200);
      return await shown(ctx, created.dossier.subscription.id);
    case 'taken':
      return problem(reply, 409, takenBy(created), [
        { field: 'reference_id', message: 'is taken; use another one, or send the same body as the first time' },
        ...created.differences,
      ]);
    case 'invalid':
      return problem(reply, 400, SEE_ERRORS, created.faults);
    case 'spent':
      return problem(reply, 409, created.detail, [
        { field: 'coupon', message: 'has no use left: leave it out, or send another' },
      ]);
    case 'unfit':
      return problem(reply, 409, UNFIT, [created.fault]);
    case 'refused':
      return refusedByXendit(reply, created, 'onboarding.');
    case 'unavailable':
      return unavailable(reply, created.detail, created.retryAfterSeconds);
  }
}

const UNFIT = 'The method cannot be charged for this subscription too. Nothing was stored: see errors.';

function takenBy({ by, differences }: Extract<Created, { readonly kind: 'taken' }>): string {
  const fields = differences.map(({ field }) => field).join(', ');
  const what = fields === '' ? 'details that are not kept, like names and addresses of the customer' : fields;
  return `This reference_id belongs to subscription ${by}, which was made by another request: they differ in ${what}.`;
}

/** In Xendit's own words, beside the field that they are about. */
function refusedByXendit(
  reply: FastifyReply,
  { code, message, field }: Extract<Started, { readonly kind: 'refused' }>,
  within: string,
) {
  const fields = field === undefined ? [] : [{ field: `${within}${field}`, message }];
  return problem(reply, 422, `Xendit refused to open a session: ${code}: ${message}`, fields);
}

function unavailable(reply: FastifyReply, detail: string, retryAfterSeconds: number | null) {
  reply.header('retry-after', String(retryAfterSeconds ?? 5));
  return problem(reply, 503, `Xendit opened no session (${detail}). Nothing was stored: send the same request again.`);
}

async function shown(ctx: Context, id: string) {
  const view = await showSubscription(ctx, id);
  if (view === null) throw new Error(`Subscription ${id} cannot be read.`);
  return view;
}

/** With what opens the session on a page of the product's own: in this answer, and nowhere else. */
function withKey<T extends { readonly onboarding: object | null }>(view: T, sdkKey: string | null): T {
  if (sdkKey === null || view.onboarding === null) return view;
  return { ...view, onboarding: { ...view.onboarding, components_sdk_key: sdkKey } };
}

/** Why nothing came of a call about a subscription. */
type CameToNothing =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  | Extract<Changed, { readonly kind: 'invalid' }>;

/** What such a call answers. */
export function answerNothing(reply: FastifyReply, nothing: CameToNothing) {
  switch (nothing.kind) {
    case 'not_found':
      return problem(reply, 404, 'There is no subscription with this id.');
    case 'refused':
      return problem(reply, 409, nothing.detail);
    case 'invalid':
      return problem(reply, 400, SEE_ERRORS, nothing.faults);
  }
}

/** What a change of a subscription answers. */
export async function answerChanged(ctx: Context, reply: FastifyReply, changed: Changed) {
  if (changed.kind !== 'changed') return answerNothing(reply, changed);
  const view = await shown(ctx, changed.dossier.subscription.id);
  const { replaced = null } = changed;
  return replaced === null ? view : { ...view, replaced: { ...replaced, at: replaced.at?.toString() ?? null } };
}

/** What canceling would come to. */
export function answerPreviewed(reply: FastifyReply, previewed: Previewed) {
  return previewed.kind === 'previewed' ? previewed.preview : answerNothing(reply, previewed);
}

/** What a change would come to. */
export function answerShown(reply: FastifyReply, previewed: PreviewedChange) {
  return previewed.kind === 'shown' ? changePreviewView(previewed.shown) : answerNothing(reply, previewed);
}

/** What opening another session for a subscription answers. */
export async function answerReplaced(
  ctx: Context,
  reply: FastifyReply,
  id: string,
  body: z.infer<typeof onboardingBody>,
  actor: string,
) {
  const replaced = await replaceMethod(ctx, id, {
    returnUrls: { success: body.success_return_url ?? null, cancel: body.cancel_return_url ?? null },
    allowedChannels: body.allowed_payment_channels ?? null,
    locale: body.locale ?? null,
    linkMinutes: minutesOf(body.expires_in),
    place: placeOf(body),
    saveFor: body.save_for,
    actor,
  });
  switch (replaced.kind) {
    case 'opened':
      reply.code(201);
      return withKey(await shown(ctx, id), replaced.sdkKey);
    case 'not_found':
      return problem(reply, 404, 'There is no subscription with this id.');
    case 'forbidden':
      return problem(reply, 409, replaced.detail);
    case 'invalid':
      return problem(reply, 400, SEE_ERRORS, replaced.faults);
    case 'refused':
      return refusedByXendit(reply, replaced, '');
    case 'unavailable':
      return unavailable(reply, replaced.detail, replaced.retryAfterSeconds);
  }
}
