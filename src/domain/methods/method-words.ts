/** A saved method, as far as people are shown it. */
type Shown = { readonly channelCode: string; readonly network: string | null; readonly label: string | null };

const masked = /^\d{4,6}[X*]+(\d{4})$/i;

/** "VISA ···· 1000": what it is and its last four digits; of one that is no card, its channel and its label as Xendit masks it. */
export function methodWords({ channelCode, network, label }: Shown): string {
  const [, lastFour] = masked.exec(label ?? '') ?? [];
  if (lastFour !== undefined) return `${network ?? channelCode} ···· ${lastFour}`;
  return label === null ? channelCode : `${channelCode} ${label}`;
}
