import type { ChannelRate, ChannelRates } from '../../../../flows/views/pages/overview/channel-rates.ts';
import { type Html, html } from '../../pages/html.ts';
import { lineOf, type Multiple, smallMultiples } from '../frame/chart.ts';
import { countText, shareText } from '../frame/figures.ts';
import { chargesDue } from './due-links.ts';
import { countedAt, type Found } from './kept-part.ts';

const LINE = 0.9;

/** What the first try collects over each channel, on one scale. */
export function channelsCard({ answer, at }: Found<ChannelRates>, zone: string): Html {
  const { from, to, channels, more } = answer;
  const rest = more === 0 ? '' : `, and ${more} more`;
  const body =
    channels.length === 0
      ? html`<p class="pad quiet">A line a channel will stand here, with the share of the last 14 days that the first try collected.</p>`
      : html`${smallMultiples(channels.map((one) => multiple(one, from, to, lowest(channels))))}${table(channels, from, to)}`;
  return html`<section class="card" aria-labelledby="chan"><div class="cap"><h2 id="chan">Collected at the first try, by channel</h2><p>Last 14 days and the change to the 14 before; the line is 90 %, one scale for all${rest}</p>${countedAt(at, zone)}</div>${body}</section>`;
}

/** Where the one scale begins: at a round share below the lowest day. */
function lowest(channels: readonly ChannelRate[]): number {
  const shares = channels.flatMap(({ daily }) => daily).filter((share) => share !== null);
  return Math.min(0.8, Math.floor(Math.min(...shares) * 10) / 10);
}

function multiple(
  { channel, latest, before, daily }: ChannelRate,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
  low: number,
): Multiple {
  return {
    name: html`<a href="${chargesDue(from, to, { first_channel: channel })}">${channel}</a>`,
    figure: shareText(latest.firstTry, latest.due),
    change: before.due === 0 ? 'none before' : changeText(latest.firstTry / latest.due - before.firstTry / before.due),
    plot: lineOf(daily, { from: low, to: 1, line: LINE }),
  };
}

/** +0.4, in points of percent. */
function changeText(change: number): string {
  const points = Math.round(change * 1_000) / 10;
  if (points === 0) return '±0.0';
  return `${points < 0 ? '\u2212' : '+'}${Math.abs(points).toFixed(1)}`;
}

/** The fractions that the shares are of, each with its charges. */
function table(channels: readonly ChannelRate[], from: Temporal.PlainDate, to: Temporal.PlainDate): Html {
  const rows = channels.map(({ channel, latest }) => {
    const first = chargesDue(from, to, { first_channel: channel, result: 'first_try' });
    return html`<tr><th scope="row">${channel}</th><td class="n"><a href="${first}">${countText(latest.firstTry)}</a></td><td class="n"><a href="${chargesDue(from, to, { first_channel: channel })}">${countText(latest.due)}</a></td></tr>`;
  });
  return html`<details class="pad"><summary>The same as a table</summary><table class="t"><caption class="vh">Charges of the last 14 days by the channel of their first attempt</caption><thead><tr><th scope="col">Channel</th><th scope="col" class="n">At the first try</th><th scope="col" class="n">Due</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}
