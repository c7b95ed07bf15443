import { forecast } from '../../../flows/forecast/forecast.ts';
import { forecastWords } from '../screen/forecast-words.ts';
import type { Screen } from '../screen/screen.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, type House, NotUnderstood } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type Forecasting = { readonly json?: boolean; readonly months: string; readonly whatIf?: string };

/** Forecasts the live book; throws `Failed` where the file has faults, each of which it tells. */
export async function showForecast(house: House, options: Forecasting): Promise<void> {
  const months = monthsOf(options.months);
  const { screen } = house;
  const file = options.whatIf ?? null;
  await withContext(house, async (ctx) => {
    const whatIf = file === null ? null : { file };
    const made = await forecast(ctx, { months, by: 'month', whatIf, told: soFar(screen) });
    if (made.kind === 'faults') {
      const { faults } = made;
      answer(screen, options, { run: null, assumptions: null, rows: [], not_forecast: [], faults }, () =>
        faults.join('\n'),
      );
      throw new Failed(`${file} has ${counted(faults.length, 'fault')}.`);
    }
    answer(screen, options, made.forecast, () => forecastWords(made.forecast, file, screen.width));
  });
}

function monthsOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > 120)
    throw new NotUnderstood(`--months: "${text}" is no whole number from 1 to 120.`);
  return Number(text);
}

/** A counter on a terminal, each thousand subscriptions. */
function soFar(screen: Screen): (subscriptions: number) => undefined {
  return (subscriptions) => {
    if (screen.live && subscriptions % 1_000 === 0) screen.redraw(counted(subscriptions, 'subscription'));
    return undefined;
  };
}
