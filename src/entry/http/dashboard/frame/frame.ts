import { dayText } from '../../../../domain/calendar/moment-text.ts';
import type { Session } from '../../../../flows/access/sign-in.ts';
import { MOST } from '../../../../flows/queue/matter.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countUntil, dayAndClock, zoneText } from './figures.ts';
import type { House } from './house.ts';
import { MENU, type MenuEntry } from './menu.ts';
import { ICON_PATH, STYLE_PATH } from './style.ts';
import { icon, symbolsFor } from './symbols.ts';

/** What one page says; the frame says the rest. */
export type Page = {
  /** Short, for the tab: the frame adds whose it is. */
  readonly title: string;
  readonly crumbs?: Html;
  readonly heading: Html | string;
  /** The page's answer in one sentence, with its figures. */
  readonly lede: Html | string;
  readonly acts?: Html;
  /** Something that stands above the heading: the result of a deed, or a fault in a form. */
  readonly above?: Html;
  /** Whose time it tells, where that is not the house's. */
  readonly zone?: string;
  readonly body: Html;
};

export type Place = {
  readonly house: House;
  readonly session: Session & { readonly told: Html | null };
  /** Its own address, for "Look again". */
  readonly address: string;
  /** When its figures were read. */
  readonly now: Temporal.Instant;
  /** The entry of the menu that it belongs to. */
  readonly here: string;
};

const MARK = html`<svg width="20" height="20" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d="M4 2h12a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3zM3 7v8c0 .6.4 1 1 1h12c.6 0 1-.4 1-1V7z"/><circle cx="13" cy="12" r="2.2" fill="currentColor"/></svg>`;

/** A whole page of somebody who is signed in. */
export function frame(page: Page, place: Place): Html {
  const { house, address, now } = place;
  const body = html`<div class="frame">
<header class="side">
<a class="brand" href="/">${MARK}dueday ${modeMark(house)}</a>
<button class="btn menu" type="button" popovertarget="nav">${icon('more')}Menu</button>
<nav class="nav" id="nav" popover aria-label="Main">
${MENU.map(({ group, entries }) => menuGroup(group, entries, place))}
${whoIsHere(place)}
</nav>
</header>
<main id="main" tabindex="-1">
${place.session.told ?? ''}${page.above ?? ''}${notes(house, place.session.role === 'admin')}
<div class="head">
${page.crumbs === undefined ? '' : html`<p class="crumbs">${page.crumbs}</p>`}
<h1>${page.heading}</h1>
<p class="lede">${page.lede}</p>
<p class="asof">${asOf(now, page.zone ?? house.zone, house.zone)} · <a href="${address}">Look again</a></p>
${page.acts === undefined ? '' : html`<div class="acts">${page.acts}</div>`}
</div>
${page.body}
</main>
</div>`;
  return whole(page.title, body);
}

/** Whose time all of a page is, and what that is for the house where it is another. */
function asOf(now: Temporal.Instant, zone: string, house: string): Html {
  const told = html`As of <time datetime="${offsetText(now, zone)}">${dayAndClock(now, zone)}</time>, all times ${zone}`;
  return zone === house ? told : html`${told}, as its customer has them: in ${house} it is ${dayAndClock(now, house)}`;
}

/** A page of nobody in particular: to sign in, or about what went wrong. */
export function bareDocument(title: string, body: Html): Html {
  return whole(
    title,
    html`<main class="bare" id="main" tabindex="-1"><p><a class="brand" href="/">${MARK}dueday</a></p>${body}</main>`,
  );
}

function whole(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · dueday</title>
<link rel="stylesheet" href="${STYLE_PATH}">
<link rel="icon" href="${ICON_PATH}" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${symbolsFor(body.html)}
${body}
</body>
</html>
`;
}

const MODES = { sandbox: 'Sandbox', test: 'Test', live: 'Live' } as const;

/** Whether money moves here; a clock that is moved by hand stands beside it, since every date on the page goes by it. */
function modeMark({ mode, isTestClock, now, zone }: House): Html {
  const clock = isTestClock ? `, ${dayText(now.toZonedDateTimeISO(zone).toPlainDate())}` : '';
  const tone = isTestClock ? 'test' : mode;
  return html`<span class="mode" data-mode="${tone}">${MODES[mode]}${clock}</span>`;
}

function menuGroup(group: string, entries: readonly MenuEntry[], { here, session, house }: Place): Html {
  const id = `nav-${group.toLowerCase()}`;
  const shown = entries.filter(({ roles }) => roles.includes(session.role));
  if (shown.length === 0) return html``;
  const items = shown.map(({ path, name }) => {
    const current = path === here ? html` aria-current="page"` : html``;
    return html`<li><a href="${path}"${current}>${name}${path === '/queue' ? waiting(house) : ''}</a></li>`;
  });
  return html`<h2 id="${id}">${group}</h2><ul aria-labelledby="${id}">${items}</ul>`;
}

/** The one number in the menu: it is for whoever looks. */
function waiting({ matters }: House): Html {
  return matters === null || matters === 0
    ? html``
    : html` <span class="count">${countUntil(Math.min(matters, MOST), matters > MOST)}<span class="vh"> to decide</span></span>`;
}

function whoIsHere({ house, session }: Place): Html {
  const { charging } = house.standing;
  const state =
    charging === 'on'
      ? html`<span class="st ok">${icon('active')}Charging is armed</span>`
      : html`<span class="st bad">${icon('warn')}Charging is ${charging === 'stopped' ? 'stopped' : 'not armed'}</span>`;
  return html`<div class="who"><p>${state}</p><p>${atWorkText(house)}</p><p>Times in ${zoneText(house.now, house.zone)}</p>
<p><a href="/account">${session.who}</a>, ${session.role} · <a href="/account#out">Sign out</a></p></div>`;
}

/** Relative, since a test clock may be far from the real one, by which jobs run. */
function atWorkText({ atWork: { replicas, lastRunSecondsAgo } }: House): Html {
  if (replicas === 0) return html`<span class="st bad">${icon('warn')}No process is at work</span>`;
  const last = lastRunSecondsAgo === null ? '' : `, last run ${String(lastRunSecondsAgo)} s ago`;
  return html`${String(replicas)} ${replicas === 1 ? 'replica' : 'replicas'}${last}`;
}

/** On every page: that nothing is charged, or too late, why, since when, and what mends it. */
function notes({ standing, late, zone }: House, mayArm: boolean): Html {
  const arm = mayArm ? html`<a href="/health/arm">arm it</a>` : html`<code>dueday arm</code> lets it go on`;
  const health = html`<a href="/health">Health</a>`;
  if (standing.charging === 'disarmed')
    return note(
      'bad',
      html`<b>Nothing is charged: charging is not armed.</b> ${sentence(standing.reason)} ${health} shows who armed
what; if it is meant, ${arm}.`,
    );
  if (standing.charging === 'stopped') {
    const since =
      standing.stoppedSince === null ? '' : ` since ${dayAndClock(Temporal.Instant.from(standing.stoppedSince), zone)}`;
    return note(
      'bad',
      html`<b>Nothing is charged${since}: charging is stopped.</b> ${sentence(standing.reason)} ${health} shows who
stopped what; when its cause is mended, ${arm}.`,
    );
  }
  if (late === null) return html``;
  return note(
    'wait',
    html`<b>Charging is late.</b> The oldest charge that may be attempted has been in line since
${clockText(late, zone)}, more than 15 minutes. ${health} shows what holds it back.`,
  );
}

function note(tone: 'bad' | 'wait', text: Html): Html {
  return html`<div class="note ${tone}" role="note">${icon('warn')}<p>${text}</p></div>`;
}

function sentence(text: string | null): string {
  return text === null || text === '' ? '' : `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}

function offsetText(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toString({ smallestUnit: 'second', timeZoneName: 'never' });
}
