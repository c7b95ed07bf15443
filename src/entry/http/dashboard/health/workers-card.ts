import type { HealthPage } from '../../../../flows/views/pages/health-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText, dayAndClock, moment } from '../frame/figures.ts';
import { stateMark } from '../frame/symbols.ts';

type Replicas = HealthPage['replicas'];

/** Every job runs each minute: after so long the last run has hung, or fails. */
const SILENT_SECONDS = 300;

/** The processes at work, and how the jobs of all of them went last. Real time. */
export function workersCards(replicas: Replicas, zone: string): Html {
  if (replicas.length === 0)
    return html`<section class="card" aria-labelledby="workers"><div class="cap"><h2 id="workers">Processes at work</h2></div><p class="pad">${stateMark({ word: 'No sign of life for three minutes', shape: 'warn', tone: 'bad' })}</p></section>`;
  return html`<div class="two">${processes(replicas, zone)}${jobs(replicas)}</div>`;
}

function processes(replicas: Replicas, zone: string): Html {
  const rows = replicas.map(({ name, startedAt, seenSecondsAgo }) => {
    const began = Temporal.Instant.from(startedAt);
    return html`<tr><th scope="row">${name}</th><td>${moment(began, zone, dayAndClock(began, zone))}</td><td class="n">${countText(seenSecondsAgo)} s ago</td></tr>
`;
  });
  return html`<section class="card" aria-labelledby="workers"><div class="cap"><h2 id="workers">Processes at work</h2></div><table class="t"><caption class="vh">Processes at work</caption><thead><tr><th scope="col">Process</th><th scope="col">Runs since</th><th scope="col" class="n">Last sign</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

/** The newest run of each job, whichever process it was in. */
function jobs(replicas: Replicas): Html {
  const all = Map.groupBy(
    replicas.flatMap(({ runs }) => runs),
    ({ job }) => job,
  );
  const rows = [...all]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([job, runs]) => {
      const { ms, secondsAgo } = runs.reduce((newest, one) => (one.secondsAgo < newest.secondsAgo ? one : newest));
      const ago = `${countText(secondsAgo)} s ago`;
      const last =
        secondsAgo > SILENT_SECONDS
          ? stateMark({ word: `${ago}: it hangs, or fails`, shape: 'warn', tone: 'bad' })
          : ago;
      return html`<tr><th scope="row">${job}</th><td class="n">${last}</td><td class="n">${countText(ms)} ms</td></tr>
`;
    });
  return html`<section class="card" aria-labelledby="jobs"><div class="cap"><h2 id="jobs">Last run of each job</h2></div><table class="t"><caption class="vh">The last run of each job</caption><thead><tr><th scope="col">Job</th><th scope="col" class="n">Ended</th><th scope="col" class="n">Took</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}
