import { z } from 'zod';
import { refundReasons, refundStates } from '../../../../domain/refunds/refund.ts';
import { currency, id, instant, maybeInstant, maybeText, money, oneOf, text, told } from '../fields.ts';

export const refundSchema = z
  .object({
    id: id("dueday's id of the refund"),
    charge_id: id("dueday's id of the charge"),
    subscription_id: id("dueday's id of the subscription"),
    amount: money('What goes back'),
    currency: currency(),
    state: oneOf(
      refundStates,
      'What became of it: wanted waits for a second person, unknown is looked for at Xendit, pending is with Xendit',
    ),
    origin: oneOf(['dueday', 'xendit'], "Who asked for it: somebody here, or somebody in Xendit's dashboard"),
    reference_id: text('Its name at Xendit', 'due_019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17_r1'),
    refund_id: maybeText("Xendit's id of it; null until Xendit told", 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93'),
    payment_request_id: text('The payment that is given back', 'pr-1102feb0-bb79-47ae-9d1e-e69394d3949c'),
    reason: oneOf(refundReasons, 'The reason that Xendit is told'),
    note: text('Why, in the words of whoever asked', 'The customer was charged after leaving'),
    why: maybeText('Why it stands as it stands', 'a second person has to approve it'),
    failure_code: maybeText('What Xendit calls the reason that it failed, or waits', 'INSUFFICIENT_BALANCE'),
    fee: told(z.number().nullable(), 'What Xendit takes for it, in major units; null where it told none', 0),
    asked_by: text('Who asked for it', 'api:finance:ana'),
    asked_at: instant('When'),
    approved_by: maybeText('Who approved it; of one that needs no second person, who asked', 'api:finance:budi'),
    approved_at: maybeInstant('When'),
    next_at: maybeInstant('When it is sent or asked about next; null: it waits for a person, or is over'),
    settled_at: maybeInstant('When it was over'),
  })
  .meta({ id: 'Refund', description: 'Money that goes back to a customer' });
