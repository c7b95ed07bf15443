import { type Command, Option } from 'commander';
import { onResumes, pausedCycles } from '../../../domain/subscriptions/pause.ts';
import type { CancelPreview } from '../../../flows/subscriptions/canceling/preview-cancel.ts';
import type { customerAccess } from '../../../flows/views/customer-access.ts';
import type { SubscriptionView } from '../../../flows/views/subscription-view.ts';
import { subscriptionAddress } from '../pointing.ts';
import { askedOrGiven, reasoned } from '../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../screen/confirmation.ts';
import { moneyText, timeText } from '../screen/wording.ts';
import { shownSubscription } from '../shown-subscription.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../verb.ts';

/* `dueday subscriptions cancel`, `keep`, `pause`, `resume`, `grace` and `access`. */

type Deciding = Reaching & Confirming & { readonly reason?: string };
type When = 'now' | 'period_end';
type CustomerAccess = NonNullable<Awaited<ReturnType<typeof customerAccess>>>;
type Deed = { readonly path: 'cancel' | 'pause' | 'resume' | 'grace'; readonly body: object; readonly words: string };

type Canceling = Deciding & { readonly at: When; readonly preview?: boolean };

export function cancelCommand(house: House): Command {
  const at = new Option('--at <when>', 'at once, or when what is paid for ends').choices(['now', 'period_end']);
  return reasoned(confirmed(remoteVerb(house, 'cancel', 'cancel a subscription')), 'why, for the log')
    .argument('<id>', 'its id, or your reference')
    .addOption(at.default('period_end'))
    .option('--preview', 'change nothing, and say what would be void and could be given back')
    .action(async (id: string, { at: when, preview, ...options }: Canceling) => {
      if (preview === true) return await showPreview(house, id, when, options);
      const words =
        when === 'now'
          ? 'will be canceled at once: what is due is void'
          : 'will be canceled when what is paid for ends';
      await decide(house, id, options, { path: 'cancel', body: { at: when, reason: options.reason }, words });
    });
}

async function showPreview(house: House, id: string, at: When, options: Reaching): Promise<void> {
  const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
  const told = await api.post<CancelPreview>(`${address}/cancel`, { at }, { preview: 'true' });
  const { time_zone: zone } = await api.get<SubscriptionView>(address);
  const { unused, last, currency } = told;
  const facts = [
    ['canceled', `${timeText(told.cancel_at, zone)} (${zone})`],
    ['unused', `${moneyText(unused.amount, currency)} for ${unused.days} of ${unused.of_days} days`],
    ['last paid', moneyText(last.amount, currency)],
    ...told.items.map(({ text, amount }) => ['not asked', `${text}, ${moneyText(amount, currency)}`]),
    ...told.void.map(({ charge_id, amount }) => ['void', `${charge_id}, ${moneyText(amount, currency)}`]),
  ];
  const rows = facts.map(([name = '', value = '']) => `${name.padEnd(13)}${value}`);
  answer(house.screen, options, told, () => ['Nothing was changed. It would come to:', ...rows].join('\n'));
}

export function keepCommand(house: House): Command {
  const about = "take back a cancellation at the period's end";
  return remoteVerb(house, 'keep', about)
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Reaching) => {
      const api = await daemonOf(house, options);
      const one = await api.delete<SubscriptionView>(`${subscriptionAddress(id)}/cancel`);
      answer(house.screen, options, one, () => shownSubscription(one));
    });
}

const onResume = () =>
  new Option('--on-resume <what>', 'what becomes of the charges that were due').choices([...onResumes]);

type Pausing = Deciding & {
  readonly at: When;
  readonly until?: string;
  readonly onResume?: string;
  readonly cycles: 'skip' | 'shift';
};

const meanwhile = { skip: 'periods meanwhile are void', shift: 'its calendar stands still meanwhile' } as const;

export function pauseCommand(house: House): Command {
  const about = 'pause a subscription: nothing is charged until it is resumed';
  const at = new Option('--at <when>', 'at once, or when what is paid for ends').choices(['now', 'period_end']);
  return reasoned(confirmed(remoteVerb(house, 'pause', about)), 'why, for the log')
    .argument('<id>', 'its id, or your reference')
    .addOption(at.default('now'))
    .option('--until <date>', 'the day on which it goes on by itself')
    .addOption(onResume())
    .addOption(
      new Option('--cycles <what>', 'let the cycles meanwhile pass, or move all that are to come')
        .choices([...pausedCycles])
        .default('skip'),
    )
    .action(async (id: string, { at: when, until, onResume: on_resume, cycles, ...options }: Pausing) => {
      const begins = when === 'now' ? 'will be paused' : 'will be paused when what is paid for ends';
      const ends = until === undefined ? 'it is resumed' : until;
      const words = `${begins}: nothing is charged until ${ends}, and ${meanwhile[cycles]}`;
      await decide(house, id, options, {
        path: 'pause',
        body: { at: when, until, on_resume, cycles, reason: options.reason },
        words,
      });
    });
}

type Resuming = Deciding & { readonly onResume?: string };

const goesOn: Readonly<Record<string, string>> = {
  charge: 'what is due is charged at once',
  void: 'what is due is void',
  hold: 'what is due is held for a person',
};

export function resumeCommand(house: House): Command {
  return confirmed(remoteVerb(house, 'resume', 'resume a paused subscription, or take back a pause that has not begun'))
    .argument('<id>', 'its id, or your reference')
    .addOption(onResume())
    .action(async (id: string, { onResume: on_resume, ...options }: Resuming) => {
      const words = `will go on: ${goesOn[on_resume ?? 'charge']}`;
      await decide(house, id, options, { path: 'resume', body: { on_resume }, words });
    });
}

type Gracing = Deciding & { readonly until: string };

export function graceCommand(house: House): Command {
  const about = 'let its customer in until a day, whatever is owed';
  return reasoned(confirmed(remoteVerb(house, 'grace', about)), 'why, for the log; 10 to 500 characters')
    .argument('<id>', 'its id, or your reference')
    .requiredOption('--until <date>', 'the last day, included, or an instant')
    .action(async (id: string, { until, ...options }: Gracing) => {
      const reason = await askedOrGiven(house, options);
      const words = `will let its customer in until ${until}, whatever is owed`;
      await decide(house, id, options, { path: 'grace', body: { until, reason }, words });
    });
}

export function accessCommand(house: House): Command {
  return remoteVerb(house, 'access', 'say whether a customer is let in, until when, and why')
    .argument('<customer>', 'the customer, by reference or id')
    .action(async (customer: string, options: Reaching) => {
      const path = `/v1/customers/${encodeURIComponent(customer)}/access`;
      const told = await (await daemonOf(house, options)).get<CustomerAccess>(path);
      const facts = [
        ['let in', told.allowed ? 'yes' : 'no'],
        ['until', told.until ?? '-'],
        ['why', told.why],
        ['past due', told.past_due_since ?? '-'],
        ['by', `${told.subscription}, ${told.state}: ${told.quantity} x ${told.plan}`],
      ];
      const rows = facts.map(([name = '', value = '']) => `${name.padEnd(13)}${value}`);
      answer(house.screen, options, told, () => rows.join('\n'));
    });
}

/** At a terminal the subscription is shown, and the deed waits for a typed "yes". */
async function decide(house: House, id: string, options: Deciding, { path, body, words }: Deed): Promise<void> {
  const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
  if (isAsked(house, options)) {
    const seen = await api.get<SubscriptionView>(address);
    await confirm(house, 'yes', `Subscription ${seen.id} ${words}.\n${shownSubscription(seen)}`);
  }
  const one = await api.post<SubscriptionView>(`${address}/${path}`, body);
  answer(house.screen, options, one, () => shownSubscription(one));
}
