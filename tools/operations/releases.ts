/** The registry of operations of a running platform, as an operator's program calls it. */
import type { ReleaseState } from '@greencity/gateway/operations/release';
import { ApiError, type SignedIn } from '../operator/api.ts';

const CALL_WITHIN_MS = 30_000;

/** A release as the platform describes it. */
export interface ListedRelease {
  readonly app: string;
  readonly version: string;
  readonly state: ReleaseState;
  /** It comes with the platform and cannot be changed from outside. */
  readonly committed: boolean;
  readonly createdAt: string | null;
  readonly changedAt: string | null;
  readonly sunset: string | null;
  readonly operations: readonly { readonly id: string; readonly name: string; readonly text: string }[];
}

export interface Releases {
  list(): Promise<readonly ListedRelease[]>;
  push(
    app: string,
    version: string,
    pushed: { readonly operations: readonly string[]; readonly state: 'draft' | 'active' },
  ): Promise<ListedRelease>;
  move(
    app: string,
    version: string,
    to: { readonly state: ReleaseState; readonly sunset?: string },
  ): Promise<ListedRelease>;
}

/** Calls `/api/operations`. All of it @throws ApiError with the code of the platform's problem */
export function releasesAt(url: string, api: SignedIn): Releases {
  const call = async <T>(path: string, method: string, body?: unknown): Promise<T> => {
    const token = await api.token();
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${url}/api/operations${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(CALL_WITHIN_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answer = await response.json();
    } catch (cause) {
      throw new ApiError('UNREACHABLE', `No GreenCity answers at ${url}. Is it running? (npm start)`, { cause });
    }
    if (response.ok) return answer as T;
    const { code = 'UNKNOWN', title = '', detail = '' } = answer as { code?: string; title?: string; detail?: string };
    throw new ApiError(code, `${title} ${detail}`.trim());
  };
  const at = (app: string, version: string) => `/${encodeURIComponent(app)}/${encodeURIComponent(version)}`;
  return {
    list: async () => (await call<{ releases: readonly ListedRelease[] }>('', 'GET')).releases,
    push: (app, version, pushed) => call(at(app, version), 'PUT', pushed),
    move: (app, version, to) => call(at(app, version), 'PATCH', to),
  };
}
