import { z } from 'zod';
import { disputeStates } from '../../../../domain/disputes/dispute.ts';
import { currency, id, instant, maybeInstant, maybeText, money, oneOf, text } from '../fields.ts';

export const disputeSchema = z
  .object({
    answer_by: maybeInstant('By when it has to be answered at Xendit; null where nobody says'),
    id: text("Xendit's id of the dispute", 'mi-dspt-f44d259f-fd9d-4de9-80de-1eef3f1506b7'),
    state: oneOf(disputeStates, 'What Xendit says of it: action_required has to be answered by the day of answer_by'),
    charge_id: id("dueday's id of the charge"),
    subscription_id: id("dueday's id of the subscription"),
    amount: money('What is disputed of the payment'),
    currency: currency(),
    held: money("What the customer's bank has of it at the moment", 150_000),
    channel_code: maybeText('What it was paid through', 'CARDS'),
    reason: maybeText('Why it stands so, in the words of Xendit', 'CHALLENGED'),
    category: maybeText('What the customer says of the payment', 'fraud'),
    payment_id: maybeText("Xendit's id of the payment", 'py-1fdaf346-dd2e-4b6c-b938-124c7167a822'),
    opened_at: instant('When it was raised'),
    closed_at: maybeInstant('When dueday heard that it was over'),
    decided_by: maybeText('Who decided that its customer is charged again', 'api:finance:ana'),
    decided_at: maybeInstant('When'),
  })
  .meta({ id: 'Dispute', description: 'A payment that its customer disputes with their bank' });
