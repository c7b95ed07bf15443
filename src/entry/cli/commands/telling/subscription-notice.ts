import { type Command, Option } from 'commander';
import { consentAnswers, consentsTo } from '../../../../domain/methods/consent.ts';
import { subscriptionAddress } from '../../pointing.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../../verb.ts';

/* `dueday subscriptions notice` and `consent`: what the product does with each mail and each click, by hand. */

type Notice = {
  readonly subject: string;
  readonly sentAt: string;
  readonly channel: string;
  readonly evidence?: string;
};
type Recorded = { readonly subject: string; readonly sent_at: string; readonly channel: string };

export function noticeCommand(house: House): Command {
  const about = 'write down that the customer was told of a higher price';
  return remoteVerb(house, 'notice', about)
    .argument('<id>', 'its id, or your reference')
    .requiredOption('--subject <version>', 'the catalog version whose price they were told, which is the one in force')
    .requiredOption('--sent-at <instant>', 'when it was sent, such as 2026-02-03T02:00:00Z')
    .requiredOption('--channel <channel>', 'by what it was sent, such as email')
    .option('--evidence <text>', 'where you have kept what was sent; no names, since it stands in the ledger')
    .action(async (id: string, { subject, sentAt, channel, evidence, ...options }: Reaching & Notice) => {
      const body = { kind: 'price_change', subject, sent_at: sentAt, channel, evidence };
      const told = await (await daemonOf(house, options)).post<Recorded>(`${subscriptionAddress(id)}/notices`, body);
      const words = () =>
        `Written down: told of the price of catalog version ${told.subject} at ${told.sent_at}, by ${told.channel}.`;
      answer(house.screen, options, told, words);
    });
}

type Consent = { readonly what: string; readonly answer: string; readonly evidence: string; readonly subject?: string };
type Answered = {
  readonly number: number;
  readonly what: string;
  readonly answer: string;
  readonly subject: string | null;
};

export function consentCommand(house: House): Command {
  return remoteVerb(house, 'consent', 'write down what the customer agreed to, or refused')
    .argument('<id>', 'its id, or your reference')
    .addOption(new Option('--what <what>', 'what was asked').choices(consentsTo).makeOptionMandatory())
    .addOption(new Option('--answer <answer>', 'what they answered').choices(consentAnswers).makeOptionMandatory())
    .requiredOption('--evidence <text>', 'where you have kept what they did; no names, since it stands in the ledger')
    .option('--subject <version>', 'of a price, the catalog version that they were asked about')
    .action(async (id: string, { what, answer: said, evidence, subject, ...options }: Reaching & Consent) => {
      const body = { what, answer: said, evidence, subject };
      const one = await (await daemonOf(house, options)).post<Answered>(`${subscriptionAddress(id)}/consents`, body);
      const about = one.subject === null ? one.what : `the price of catalog version ${one.subject}`;
      answer(house.screen, options, one, () => `Written down as consent ${one.number}: ${one.answer}, about ${about}.`);
    });
}
