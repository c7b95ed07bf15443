/**
 * What a page of the product's own loads in place of Xendit's browser SDK (github.com/xendit/xendit-components-web): the same class, the same
 * events, as far as a checkout needs them. It is served to browsers as it stands here.
 */
export const SCRIPT = `
const HOME = new URL('.', import.meta.url);

export class XenditComponents extends EventTarget {
  #key;
  #session = null;
  #ready = false;
  #asked = false;
  #place = document.createElement('form');

  constructor({ componentsSdkKey }) {
    super();
    this.#key = componentsSdkKey;
    this.#place.noValidate = true;
    this.#place.addEventListener('submit', (event) => event.preventDefault());
    this.#place.addEventListener('input', () => this.#look());
    this.#load();
  }

  /** An element with the channels of the session; it fills once the session is loaded. */
  createChannelPickerComponent() {
    return this.#place;
  }

  getSession() {
    return this.#session;
  }

  async submit() {
    if (!this.#ready) throw new Error('The payment details are not complete.');
    this.#tell('submission-begin');
    const said = await this.#send('submit', Object.fromEntries(new FormData(this.#place)));
    if (this.#asked) this.#tell('action-end');
    this.#asked = said.status === 'challenge';
    this.#tell('submission-end');
    if (said.status === 'completed') return this.#tell('session-complete');
    if (this.#asked) this.#tell('action-begin');
    this.#draw(this.#asked ? 'Your bank asks for the one-time password.' : 'That did not work (' + said.code + '). Please try again.');
  }

  async #load() {
    const said = await this.#send('session', {});
    if (said.status === 'ACTIVE') {
      this.#session = said;
      this.#draw('');
      return this.#tell('init');
    }
    this.#tell(said.status === 'refused' ? 'fatal-error' : 'session-expired-or-canceled');
  }

  async #send(path, fields) {
    const body = new URLSearchParams({ ...fields, key: this.#key });
    const answer = await fetch(new URL(path, HOME), { method: 'POST', body });
    return await answer.json();
  }

  #draw(message) {
    const card = this.#session.channels.some(({ card }) => card);
    const year = String(new Date().getFullYear() + 5).slice(-2);
    this.#place.replaceChildren(
      ...(message === '' ? [] : [element('p', { role: 'alert' }, message)]),
      ...(this.#asked ? [input('otp', 'One-time password', '')] : []),
      ...this.#session.channels.map(({ code, label }, at) => choice(code, label, at === 0)),
      ...(card ? [input('card_number', 'Card number', ''), input('expiry', 'Expiry (MM/YY)', '12/' + year), input('cvn', 'Security code', '')] : []),
    );
    this.#look();
  }

  #look() {
    const given = new FormData(this.#place);
    const isCard = this.#session.channels.find(({ code }) => code === given.get('channel'))?.card === true;
    const isReady = !isCard || ['card_number', 'expiry', 'cvn'].every((name) => given.get(name) !== '');
    if (isReady === this.#ready) return;
    this.#ready = isReady;
    this.#tell(isReady ? 'submission-ready' : 'submission-not-ready');
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function input(name, label, value) {
  return element('label', {}, label, element('input', { name, value, inputmode: 'numeric', autocomplete: 'off' }));
}

function choice(code, label, isFirst) {
  const radio = element('input', { type: 'radio', name: 'channel', value: code });
  radio.checked = isFirst;
  return element('label', {}, radio, label);
}
`;
