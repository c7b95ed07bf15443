import { setTimeout as pause } from 'node:timers/promises';

/** Whoever asks how we are waits no longer, and takes no answer for a bad one. */
const PATIENCE_MS = 3_000;
const ONE_LOOK_MS = 1_000;

type Look<T> = { readonly began: number; readonly answer: Promise<T>; isOver: boolean };

/**
 * One look for all who ask within a second, so that a flood of questions costs what one costs. A look without an answer
 * when its patience is over has failed, for everybody; none is begun beside one that still waits for the database.
 */
export function sharedLook<T>(look: () => Promise<T>, patienceMs: number = PATIENCE_MS): () => Promise<T> {
  let last: Look<T> | null = null;
  return () => {
    if (last === null || (last.isOver && performance.now() - last.began >= ONE_LOOK_MS))
      last = begin(look(), patienceMs);
    return last.answer;
  };
}

function begin<T>(asked: Promise<T>, patienceMs: number): Look<T> {
  const begun: Look<T> = { began: performance.now(), answer: soon(asked, patienceMs), isOver: false };
  const end = () => {
    begun.isOver = true;
  };
  asked.then(end, end);
  // Nobody may be left to hear of it.
  begun.answer.catch(() => undefined);
  return begun;
}

async function soon<T>(answer: Promise<T>, patienceMs: number): Promise<T> {
  const answered = new AbortController();
  const late = pause(patienceMs, undefined, { signal: answered.signal }).then(
    () => Promise.reject(Object.assign(new Error('the database did not answer in time'), { statusCode: 503 })),
    () => answer,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
