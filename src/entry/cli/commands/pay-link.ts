import { type Command, Option } from 'commander';
import { timeText } from '../screen/wording.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../verb.ts';

type Asking = Reaching & { readonly expiresIn?: string; readonly save?: string };
type Link = { readonly url: string; readonly expires_at: string };

const SAVES = ['FORCED', 'OPTIONAL', 'DISABLED'];

/** `dueday charges pay-link`. */
export function payLinkCommand(house: House): Command {
  return remoteVerb(house, 'pay-link', 'a link at which the customer pays a charge by hand; the same while one is good')
    .argument('<id>')
    .option('--expires-in <time>', 'how long it is good, such as "7 days"; left out: 30 days')
    .addOption(new Option('--save <how>', 'whether the method that is paid with is kept').choices(SAVES))
    .action(async (id: string, options: Asking) => {
      const { expiresIn: expires_in, save } = options;
      const api = await daemonOf(house, options);
      const link = await api.post<Link>(`/v1/charges/${encodeURIComponent(id)}/pay-link`, { expires_in, save });
      answer(house.screen, options, link, () => `${link.url}\ngood until ${timeText(link.expires_at, 'UTC')} (UTC)`);
    });
}
