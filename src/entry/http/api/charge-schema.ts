import { z } from 'zod';
import { outcomeKinds } from '../../../domain/charges/outcome.ts';
import type { DecisionKind, HoldReason } from '../../../domain/declines/decision.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { consentStates } from '../../../domain/methods/consent.ts';
import { termsOrigins } from '../../../domain/subscriptions/terms.ts';
import {
  count,
  currency,
  date,
  everyOne,
  id,
  instant,
  maybeCount,
  maybeInstant,
  maybeOneOf,
  maybeText,
  money,
  oneOf,
  text,
  told,
} from './fields.ts';
import { parts } from './line-schema.ts';
import { chargeStatus } from './schemas.ts';

const holdReasons = everyOne<HoldReason>({
  unknown_outcome: true,
  our_fault: true,
  missed_cycle: true,
  throttled: true,
  window_over: true,
  broken: true,
  partial_approval: true,
  by_hand: true,
  channel_stopped: true,
  disputed: true,
});

const decisions = everyOne<DecisionKind>({
  paid: true,
  overpaid: true,
  retry: true,
  wait_for_customer: true,
  give_up: true,
  ask_gateway: true,
  hold: true,
  release: true,
  void: true,
  nothing: true,
});

const CLASS = 'What kind of decline it was, which decides what is done';

const advice = z
  .object({
    retry: told(z.boolean(), 'Whether the same method may be tried again', true),
    not_before: maybeInstant('Not before then; null: there is no such bound'),
    not_after: maybeInstant('Not after then, when its window ends; null: there is no such bound'),
    other_method: told(z.boolean(), 'Whether another payment method would help', true),
    ask_customer: told(z.boolean(), 'Whether its customer should act, or know of it', true),
    why: text('The reason, in a sentence', 'The money was not there: later, or another method.'),
  })
  .nullable()
  .describe('What may be done about it; null: nothing is wrong with it, or it is over');

const actions = z
  .array(
    z.object({
      type: text('What is done, in the words of Xendit', 'REDIRECT_CUSTOMER'),
      descriptor: text('What that takes, in the words of Xendit', 'WEB_URL'),
      value: text(
        'The address, number or text itself. An address without its scheme is a text, and API_POST_REQUEST asks for a one-time password, which nothing here answers',
        'https://redirect.xendit.co/authentications/1',
      ),
      expires_at: maybeInstant('Until when; null: nobody says'),
    }),
  )
  .readonly()
  .describe('What its customer is asked to do now, as Xendit says it; empty: nothing');

export const chargeSchema = z
  .object({
    id: id("dueday's id of the charge"),
    subscription_id: id("dueday's id of the subscription"),
    subscription_reference: text('Your own id of the subscription', 'sub-1001'),
    customer_reference: maybeText("Your own id of the customer, or Xendit's where you gave none", 'cust-1001'),
    plan: text('The plan, by its name in the catalog', 'pro-monthly'),
    catalog_version: count('The version of the catalog that it goes by', 1),
    status: oneOf(chargeStatus.options, 'What became of it; held waits for a person'),
    amount: money('What is owed'),
    currency: currency(),
    collected: money('What came in of it'),
    overpaid: money('What came in beyond it, which is to be refunded', 0),
    refunded: money('What went back', 0),
    charged_back: money("What its customer's bank took back", 0),
    ...parts,
    kind: oneOf(['cycle', 'extra'], 'What it is for: a cycle, or something that is asked for once'),
    cycle: maybeCount('The cycle that it is for; cycles count from 0. Null of an extra charge', 0),
    period: z
      .object({ start: date('Its first day'), end: date('Its last day, included', '2026-03-02') })
      .describe('What is paid for'),
    due_at: instant('When it fell due'),
    time_zone: text('The zone of its subscription', 'Asia/Jakarta'),
    missed: told(z.boolean(), 'Whether it was found late, since no daemon ran when it fell due', false),
    next_attempt_at: maybeInstant('When it is tried next'),
    waits_until: maybeInstant('Until when the customer is waited for'),
    hold_reason: maybeOneOf(holdReasons, 'Why it waits for a person'),
    retries_by_hand: count('How often a person had it tried at once, which spends no step of the ladder', 0),
    failure_code: maybeText('The last one that Xendit gave', 'INSUFFICIENT_BALANCE'),
    advice,
    actions,
    note: maybeText('What else is to be known of it, in a sentence', 'The subscription was paused.'),
    settled_at: maybeInstant('When it was decided for good'),
    created_at: instant('When its row was made'),
  })
  .meta({ id: 'Charge', description: 'What is owed for one cycle of one subscription, or once' });

const decision = z
  .object({
    kind: oneOf(decisions, 'What was decided'),
    at: maybeInstant('When that is done'),
    why: text('The reason, in a sentence', 'Step 1 of 4 of the ladder: 1 day after the decline.'),
    rule: text('The rule that decided', 'ladder'),
    class: maybeOneOf(declineClasses, CLASS),
    counted: z
      .record(z.string(), z.number())
      .meta({ description: 'What was counted on the way', examples: [{ attempts: 1 }] }),
    catalog_version: count('The version of the catalog whose rules decided', 1),
  })
  .nullable()
  .describe('What followed from the outcome; null as long as there is none');

const attemptSchema = z
  .object({
    number: count('Attempts of a charge count from 1', 1),
    via: oneOf(
      ['token', 'session', 'code'],
      'How it asked for the money: by the saved method, or in a session in which the customer paid by hand; nothing asks by a code yet',
    ),
    reference_id: text('Its name at Xendit', 'due_019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17_0_1'),
    sent_at: instant('When it was sent'),
    outcome: maybeOneOf(outcomeKinds, 'What Xendit said; pending and unknown are not final; null: nothing yet'),
    outcome_at: maybeInstant('When that was known'),
    failure_code: maybeText('Why not, in the words of Xendit', 'INSUFFICIENT_BALANCE'),
    class: maybeOneOf(declineClasses, CLASS),
    network_code: maybeText("The card network's response code", '51'),
    advice_code: maybeText("Mastercard's merchant advice code", '24'),
    action_url: maybeText('Where the customer could approve it', 'https://redirect.xendit.co/authentications/1').meta({
      format: 'uri',
    }),
    payment_request_id: maybeText("Xendit's id of the request", 'pr-1102feb0-bb79-47ae-9d1e-e69394d3949c'),
    payment_id: maybeText("Xendit's id of the payment", 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c'),
    next_check_at: maybeInstant('When Xendit is asked what became of it'),
    decision,
  })
  .meta({ id: 'Attempt', description: 'One payment request for a charge' });

const eventSchema = z
  .object({
    at: instant('When it happened'),
    kind: text('What happened, as the charge log calls it', 'charge.held'),
    attempt: told(z.number().nullable().meta({ type: 'integer' }), 'The attempt that it is about', 1),
    why: maybeText('The reason, in a sentence', 'held by a person: the customer disputes it'),
    actor: text('Who did it: dueday itself, Xendit, a key of the API, or a person with a command', 'api:admin'),
  })
  .meta({ id: 'ChargeEvent', description: 'An entry of the ledger about a charge, its subscription or its method' });

const priceSchema = z
  .object({
    catalog_version: count('The catalog version that the price is of', 1),
    unit_amount: money('What one of the plan costs by it'),
    origin: oneOf(termsOrigins, 'How it came to be agreed: repriced is a newer price of the plan'),
    from_cycle: count('The first cycle that it holds for', 0),
    notice: z
      .object({
        subject: text('The catalog version whose price the customer was told', '4'),
        sent_at: instant('When it was sent'),
        channel: text('By what it was sent', 'email'),
        evidence: maybeText('Where it is kept what was sent', 'mailing 4711'),
        recorded_at: instant('When it was written down'),
        actor: text('Who wrote it down', 'api:product:shop'),
      })
      .nullable()
      .describe('What the customer was told of a newer price; null: nothing was written down'),
    consent: z
      .object({
        answer: oneOf(consentStates, 'What the customer answered; silence is none'),
        subject: maybeText('The catalog version whose price they answered to', '4'),
        evidence: text('Where it is kept what they did', 'click 4712'),
        answered_at: instant('When it was written down'),
        actor: text('Who wrote it down', 'api:product:shop'),
      })
      .nullable()
      .describe('What the customer answered to a newer price; null: nothing was written down'),
  })
  .nullable()
  .describe('Where the price of the cycle comes from, with its evidence; null of an extra charge');

export const wholeChargeSchema = chargeSchema
  .extend({
    price: priceSchema,
    attempts: z.array(attemptSchema).describe('All attempts, oldest first'),
    history: z
      .array(eventSchema)
      .describe('What the ledger tells of it, oldest first: acts of people with who and why'),
  })
  .meta({ id: 'ChargeWithAttempts', description: 'A charge with its attempts and what was decided after each' });

export const totalSchema = z
  .object({
    currency: currency(),
    status: oneOf(chargeStatus.options, 'The status of the charges that are counted'),
    count: count('How many there are', 12),
    amount: money('What they come to', 1_800_000),
    collected: money('What came in of them', 1_800_000),
  })
  .meta({
    id: 'ChargeTotal',
    description: 'What all charges of one currency and status come to, on every page of the list',
  });
