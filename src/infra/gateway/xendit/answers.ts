import type { Result } from '../../../xendit/result.ts';
import type { Answer } from '../gateway.ts';

/** 4xx is Xendit's no; a redirect or a 5xx leaves open what happened. */
export function answerOf<T>(result: Result<T>): Answer<T> {
  switch (result.kind) {
    case 'ok':
      return { kind: 'ok', value: result.value };
    case 'silent':
    case 'not_sent':
      return { kind: 'silent', detail: result.detail };
    case 'failed': {
      const { status, code, message, retryAfterSeconds } = result.failure;
      return status >= 400 && status < 500
        ? { kind: 'refused', status, code, message, retryAfterSeconds }
        : { kind: 'silent', detail: `HTTP ${status} ${code}: ${message}` };
    }
  }
}

/** The answer in our words. */
export function answerAs<S, T>(result: Result<S>, read: (said: S) => T): Answer<T> {
  const answer = answerOf(result);
  return answer.kind === 'ok' ? { kind: 'ok', value: read(answer.value) } : answer;
}

/** Of a call that must not be made twice: what never left is refused, so that nobody waits for what it may have done. */
export function sureAnswerAs<S, T>(result: Result<S>, read: (said: S) => T): Answer<T> {
  if (result.kind !== 'not_sent') return answerAs(result, read);
  return { kind: 'refused', status: 503, code: 'GATEWAY_UNREACHABLE', message: result.detail, retryAfterSeconds: null };
}
