import type { HealthPage } from '../../../../flows/views/pages/health-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText, dayAndClock, lastsText, moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';
import { houseRows } from '../overview/house-card.ts';
import { hoursCard } from './hours-card.ts';
import { workersCards } from './workers-card.ts';

export type ShownHealth = {
  readonly shown: HealthPage;
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly mode: string;
  readonly allowed: number | null;
  readonly catalogVersion: number;
  /** Links to what whoever looks may do. */
  readonly acts: Html;
};

/** Does it run, is it on time, who armed it. */
export function healthDocument(given: ShownHealth): Page {
  const { shown, now, zone, acts } = given;
  return {
    title: 'Health',
    heading: 'Health',
    lede: sentence(given),
    acts,
    body: html`<div class="two"><section class="card" aria-label="On time">${houseRows(shown.house, now, zone)}${paceRows(given)}</section>
${channelsCard(given)}</div>
${hoursCard(shown.hours)}
${workersCards(shown.replicas, zone)}
${switchingsCard(given)}`,
  };
}

function sentence({ shown, now, zone, mode, catalogVersion }: ShownHealth): Html {
  const { standing, replicas, house, armedAt } = shown;
  const since =
    armedAt === null
      ? ''
      : html` since ${moment(Temporal.Instant.from(armedAt), zone, dayAndClock(Temporal.Instant.from(armedAt), zone))}`;
  const armed =
    standing.charging === 'on'
      ? html`${stateMark({ word: `Charging is armed, ${mode}`, shape: 'active', tone: 'ok' })}${since}.`
      : html`${stateMark({ word: standing.charging === 'stopped' ? 'Charging is stopped' : 'Charging is not armed', shape: 'warn', tone: 'bad' })}: ${standing.reason ?? 'it does not say why'}.`;
  const many = `${countText(replicas.length)} ${replicas.length === 1 ? 'process is' : 'processes are'} at work`;
  const line =
    house.oldest === null
      ? 'nothing is in line'
      : `the oldest charge in line waits for ${lastsText(house.oldest.at, now)}`;
  return html`${armed} ${many}, ${line}. Catalog version ${String(catalogVersion)} is in force.`;
}

const ENDPOINTS: Readonly<Record<HealthPage['pace'][number]['endpoint'], string>> = {
  payment_requests: 'payment requests',
  look_ups: 'look-ups',
  sessions: 'sessions',
  payment_tokens: 'payment tokens',
  transactions: 'transactions',
};

/** What Xendit allows is counted for each of its endpoints. */
function paceRows({ shown, allowed }: ShownHealth): Html {
  const rows = shown.pace.map(({ endpoint, used, pausedSeconds }) => {
    const free =
      allowed === null ? 'no limit is set' : `${countText(used)} used, ${countText(Math.max(0, allowed - used))} free`;
    const paused =
      pausedSeconds === 0
        ? ''
        : stateMark({
            word: `nothing for ${countText(pausedSeconds)} s, as Xendit asked`,
            shape: 'warn',
            tone: 'wait',
          });
    return html`<tr><th scope="row">Pace of ${ENDPOINTS[endpoint]}</th><td class="n">${paused} ${free}</td></tr>
`;
  });
  return html`<table class="t"><caption class="vh">Requests of the last minute, by what they are for</caption><thead class="vh"><tr><th scope="col">What</th><th scope="col">How it is</th></tr></thead><tbody>${rows}</tbody></table>`;
}

const STATES = {
  closed: ['works', 'active', 'ok'],
  half_open: ['a few at a time', 'attempting', 'wait'],
  open: ['stopped', 'warn', 'bad'],
} as const;

function channelsCard({ shown, zone }: ShownHealth): Html {
  const all = Object.entries(shown.channels);
  const rows = all.map(([name, { state, since, why, waiting }]) => {
    const [word, shape, tone] = STATES[state];
    const told =
      since === null
        ? ''
        : html`<br><small class="quiet">since ${dayAndClock(Temporal.Instant.from(since), zone)}: ${why ?? 'no reason'}</small>`;
    return html`<tr><th scope="row">${name}</th><td>${stateMark({ word, shape, tone })}${told}</td><td class="n">${countText(waiting)}</td></tr>
`;
  });
  const body =
    all.length === 0
      ? html`<p class="pad quiet">No channel was ever in doubt. One that Xendit or its bank fails stands here, with since when, why, and how many charges wait for it.</p>`
      : html`<table class="t"><caption class="vh">Channels</caption><thead><tr><th scope="col">Channel</th><th scope="col">How it is</th><th scope="col" class="n">Charges that wait</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="card" aria-labelledby="channels"><div class="cap"><h2 id="channels">Channels</h2></div>${body}</section>`;
}

function switchingsCard({ shown, zone }: ShownHealth): Html {
  const rows = shown.switchings.map(({ at, did, channel, actor, reason, differences }) => {
    const when = Temporal.Instant.from(at);
    const what = channel === null ? 'charging' : channel;
    const more = differences.length === 0 ? '' : html`<br><small class="quiet">${differences.join(' ')}</small>`;
    return html`<tr><th scope="row" class="nw">${moment(when, zone, dayAndClock(when, zone))}</th><td>${did === 'armed' ? 'Armed' : 'Stopped'} ${what}</td><td>${actor}</td><td class="why">${reason ?? 'no reason given'}${more}</td></tr>
`;
  });
  const body =
    rows.length === 0
      ? html`<p class="pad quiet">Nobody has armed or stopped charging yet: <code>dueday arm</code> arms it.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="Armed and stopped, as a table"><table class="t"><caption class="vh">Armed and stopped, newest first</caption><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`<section class="card" aria-labelledby="switched"><div class="cap"><h2 id="switched">Who armed and stopped it</h2><p>The last ten times</p></div>${body}</section>`;
}
