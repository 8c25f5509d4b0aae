import { type GraphError, GreenCityError } from './graph-error.ts';

/** What the graph says to one operation, or of one event. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphError[];
  readonly extensions?: {
    readonly cursor?: string;
    readonly snapshot?: boolean;
    readonly gap?: { readonly from: string; readonly to: string };
  };
}

/** The data of an answer without errors. @throws GreenCityError */
export function dataOf<T>({ data, errors }: Answer, response?: Response): T {
  if (errors && errors.length > 0)
    throw new GreenCityError(errors, { data: data ?? undefined, retryAfterMs: retryAfterMs(response) });
  return data as T;
}

/** What `fetch` throws when nobody answers, or when the connection breaks, as an error of ours; what an aborted signal throws as it is. */
export function unreachable(cause: unknown): never {
  if (!(cause instanceof TypeError)) throw cause;
  throw new GreenCityError([{ message: 'The graph cannot be reached.', extensions: { code: 'UNREACHABLE' } }], {
    cause,
  });
}

/** Reads an answer, also what something between us and the graph says in its place. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text().catch(unreachable);
  try {
    const answer = JSON.parse(text) as Answer & Problem;
    if (answer.data !== undefined || answer.errors !== undefined) return answer;
    const message = `${answer.title ?? response.statusText} ${answer.detail ?? ''}`.trim();
    return { errors: [{ message, extensions: answer.code === undefined ? {} : { code: answer.code } }] };
  } catch {
    return { errors: [{ message: `The graph answered ${response.status} ${response.statusText}.` }] };
  }
}

/** A refusal by HTTP alone (RFC 9457). */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
}

function retryAfterMs(response: Response | undefined): number | undefined {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
