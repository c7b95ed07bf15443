import { covers } from './http/path.ts';

type LoggedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: unknown;
  readonly body: unknown;
  readonly time: string;
  readonly headers: Record<string, unknown>;
  /** What was answered; missing while the answer hangs, or if the connection was cut. */
  status?: number;
};

export type RequestLog = {
  add(request: LoggedRequest): void;
  /** Newest last. A `path` selects one, or what lies under it if it ends with a slash. */
  list(path?: string): LoggedRequest[];
};

/** The last requests that Xendit's endpoints received. */
export function makeRequestLog(limit: number): RequestLog {
  const requests: LoggedRequest[] = [];
  return {
    add(request) {
      requests.push(request);
      // In slices: shifting one by one would move the whole log for every request.
      if (requests.length > 2 * limit) requests.splice(0, requests.length - limit);
    },
    list(path) {
      const last = limit === 0 ? [] : requests.slice(-limit);
      return path === undefined ? last : last.filter((request) => covers(path, request.path));
    },
  };
}
