import type { Seen } from '../../../xendit/answer.ts';
import type { Answer } from '../gateway.ts';

/** 4xx is Xendit's no; a redirect or a 5xx leaves open what happened. */
export function answerOf<T>(seen: Seen<T>): Answer<T> {
  switch (seen.kind) {
    case 'seen':
      return { kind: 'ok', value: seen.value };
    case 'silent':
      return seen;
    case 'failed': {
      const { status, code, message, retryAfterSeconds } = seen.failure;
      return status >= 400 && status < 500
        ? { kind: 'refused', status, code, message, retryAfterSeconds }
        : { kind: 'silent', detail: `HTTP ${status} ${code}: ${message}` };
    }
  }
}
