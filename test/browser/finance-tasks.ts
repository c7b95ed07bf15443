import type { Page } from 'playwright-core';

/*
 * What finance asks, and the way to its answer from `/`, step by step: the test walks each, `npm run screenshots` takes a picture at its
 * end, and docs/finance.md says each step in the same words.
 */

type Step = {
  /** As docs/finance.md says it. */
  readonly words: string;
  /** A click, or something that is typed. */
  readonly does: 'click' | 'type';
  readonly act: (page: Page) => Promise<void>;
};

export type Task = {
  /** Of its picture. */
  readonly name: string;
  readonly question: string;
  readonly steps: readonly Step[];
  /** What its picture shows, where that is not the head of the page. */
  readonly shows?: string;
  /** What is read at its end. */
  readonly answer: RegExp;
};

function click(words: string, act: Step['act']): Step {
  return { words, does: 'click', act };
}

function menu(name: string): Step {
  return click(`*${name}*`, async (page) => await page.locator('#nav').getByRole('link', { name }).first().click());
}

function type(label: string, text: string): Step {
  return {
    words: `*${label}*`,
    does: 'type',
    act: async (page) => await page.getByLabel(label, { exact: true }).fill(text),
  };
}

const show = click('*Show*', async (page) => await page.getByRole('button', { name: 'Show' }).click());
const link = (words: string, name: string) =>
  click(words, async (page) => await page.locator('main').getByRole('link', { name, exact: true }).first().click());

export const TASKS: readonly Task[] = [
  {
    name: 'not-charged',
    question: 'Why was a given customer not charged in February?',
    steps: [
      menu('Charges'),
      link('*all time*', 'all time'),
      type('Find', 'cust-1011'),
      show,
      click(
        'the row of February',
        async (page) =>
          await page
            .getByRole('row', { name: /Uncollectible/ })
            .getByRole('link')
            .first()
            .click(),
      ),
    ],
    answer: /Attempt 1 was declined: not enough money[\s\S]*all 4 retries are spent/,
  },
  {
    name: 'waiting',
    question: 'Which charges wait for me, and what happens if I do nothing?',
    steps: [menu('Queue')],
    answer: /matters wait for a person[\s\S]*If nobody acts/,
  },
  {
    name: 'price',
    question: 'Did the price change reach everybody?',
    steps: [
      menu('Plans'),
      click(
        'the number of those',
        async (page) =>
          await page
            .getByRole('row', { name: /studio.*Now IDR/ })
            .getByRole('link')
            .last()
            .click(),
      ),
      click(
        'the row of one of them',
        async (page) => await page.locator('tbody').getByRole('link', { name: 'sub-1048' }).click(),
      ),
    ],
    answer: /studio, IDR 200,000, by catalog version 1[\s\S]*Refused the price of catalog version 3/,
  },
  {
    name: 'next-week',
    question: 'How much comes in next week?',
    steps: [
      menu('Overview'),
      click(
        '*The same as a table*',
        async (page) => await page.locator('section[aria-labelledby=next] summary').click(),
      ),
    ],
    shows: 'section[aria-labelledby=next]',
    answer: /Next 30 days: IDR \d[\s\S]*16 Mar/,
  },
  {
    name: 'released',
    question: 'Who released this charge, and why?',
    steps: [menu('Charges'), type('Find', 'sub-1016'), show],
    answer: /Released: it may be tried again, by user:rina[\s\S]*The bank confirmed that it collected nothing/,
  },
];

/** From `/` along the steps; answers how often it was clicked. */
export async function walk(page: Page, url: string, { steps }: Task): Promise<number> {
  await page.goto(`${url}/`);
  for (const { act } of steps) await act(page); // oxlint-disable-line no-await-in-loop
  return steps.filter(({ does }) => does === 'click').length;
}

/** Signs in as somebody of finance. */
export async function signIn(
  page: Page,
  { url, password }: { readonly url: string; readonly password: string },
): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.fill('#name', 'rina');
  await page.fill('#password', password);
  await page.click('button.main');
}
