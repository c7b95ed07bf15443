import { DEFAULT_CARD_NUMBER, OTP } from '../resources/card.ts';
import type { Channel } from '../resources/channel.ts';
import type { Session } from '../resources/session.ts';
import type { FieldFaults, Form } from './card-form.ts';
import { type Html, html } from './html.ts';

/** The form in which the customer chooses a method and hands in a card. */
export function checkoutBody(
  session: Session,
  channels: readonly Channel[],
  form: Form,
  faults: FieldFaults,
  now: Temporal.Instant,
): Html {
  const { amount, currency, description, reference_id: reference } = session.body;
  const isSave = session.body.session_type === 'SAVE';
  const chosen = form.channel ?? channels[0]?.code;
  return html`<h1>${isSave ? 'Save a payment method' : `Pay ${currency} ${amount.toLocaleString('en')}`}</h1>
<p>${description ?? ''}</p>
<p class="soft">Reference ${reference}</p>
${faults.form && html`<p class="wrong" role="alert">${faults.form}</p>`}
<form method="post" action="/pay/${session.id}" novalidate>
<fieldset><legend>Payment method</legend>${channels.map((channel) => channelChoice(channel, channel.code === chosen))}</fieldset>
${channels.some((channel) => channel.category === 'CARDS') ? cardFields(form, faults, now) : undefined}
${session.body.allow_save_payment_method === 'OPTIONAL' ? saveChoice() : undefined}
<div class="deeds">
<button class="first" name="action" value="save">${isSave ? 'Save' : 'Pay'}</button>
<button name="action" value="cancel">Cancel</button>
</div>
</form>`;
}

/** The issuer's page that asks for the one-time password. */
export function otpBody(session: Session, masked: string): Html {
  return html`<h1>Confirm it is you</h1>
<p>Your bank asks for the one-time password for card ${masked}.</p>
<p class="soft">In the sandbox it is ${OTP}; any other fails.</p>
<form method="post" action="/pay/${session.id}/otp">
${input('otp', 'One-time password', '', undefined, 'one-time-code')}
<div class="deeds"><button class="first" name="action" value="confirm">Confirm</button></div>
</form>`;
}

function channelChoice(channel: Channel, isChosen: boolean): Html {
  const checked = html`checked`;
  return html`<label class="choice"><input type="radio" name="channel" value="${channel.code}" ${
    channel.category === 'CARDS' ? html`data-card` : undefined
  } ${isChosen ? checked : undefined}>${channel.label}</label>`;
}

function cardFields(form: Form, faults: FieldFaults, now: Temporal.Instant): Html {
  const year = String(now.toZonedDateTimeISO('UTC').year + 5).slice(-2);
  return html`<fieldset class="card"><legend>Card</legend>
${input('card_number', 'Card number', form.card_number ?? DEFAULT_CARD_NUMBER, faults.card_number, 'cc-number')}
<div class="row"><div>${input('expiry', 'Expiry (MM/YY)', form.expiry ?? `12/${year}`, faults.expiry, 'cc-exp')}</div>
<div>${input('cvn', 'Security code', form.cvn ?? '123', faults.cvn, 'cc-csc')}</div></div>
</fieldset>`;
}

function saveChoice(): Html {
  return html`<label class="choice"><input type="checkbox" name="save" value="yes">Save this method for later payments</label>`;
}

function input(name: string, label: string, value: string, fault: string | undefined, autocomplete: string): Html {
  const wrong = html`aria-invalid="true" aria-describedby="${name}-fault"`;
  const message = html`<span class="wrong" id="${name}-fault">${fault}</span>`;
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${value}" inputmode="numeric" maxlength="24" autocomplete="${autocomplete}" ${
    fault === undefined ? undefined : wrong
  }>${fault === undefined ? undefined : message}`;
}
