/** The platform's GraphQL API, as an operator's program calls it. */

const CALL_WITHIN_MS = 30_000;

/** How a program shows who it is. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly email: string; readonly password: string };

/** A call that the platform refused, or that did not reach it. `code` is `extensions.code`, or UNREACHABLE. */
export class ApiError extends Error {
  readonly code: string;
  /** The input field at fault, where the platform named one. */
  readonly field: string | undefined;

  constructor(
    code: string,
    message: string,
    options?: { readonly field?: string | undefined; readonly cause?: unknown },
  ) {
    super(message, { cause: options?.cause });
    this.name = 'ApiError';
    this.code = code;
    this.field = options?.field;
  }
}

export interface Api {
  /** The data of an operation. @throws ApiError with the first error's code */
  call<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
}

/** Who calls, for the addresses beside the graph. */
export interface SignedIn {
  /** A bearer token. @throws ApiError when signing in is refused */
  token(): Promise<string>;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly field?: string };
  }[];
}

interface Call {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
}

async function post(url: string, { query, variables, token }: Call): Promise<unknown> {
  let answer: Answer;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(CALL_WITHIN_MS),
    });
    answer = (await response.json()) as Answer;
  } catch (cause) {
    throw new ApiError('UNREACHABLE', `No GreenCity answers at ${url}. Is it running? (npm start)`, { cause });
  }
  const [error] = answer.errors ?? [];
  if (error) throw new ApiError(error.extensions?.code ?? 'UNKNOWN', error.message, { field: error.extensions?.field });
  return answer.data;
}

/** Registered as schema/operations/operator-tools/1: a platform that takes registered operations only lets operators in, too. */
export const SIGN_IN =
  'mutation SignIn($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }';

/** The API at a URL such as `http://127.0.0.1:4000`. With a password it signs in when it is first needed, and again when the token has run out. */
export function openApi(url: string, credentials: Credentials): Api & SignedIn {
  let token: Promise<string> | undefined;

  async function signIn(): Promise<string> {
    if (credentials.kind === 'token') return credentials.token;
    const { email, password } = credentials;
    const data = await post(url, { query: SIGN_IN, variables: { email, password }, token: undefined });
    return (data as { signIn: { accessToken: string } }).signIn.accessToken;
  }

  /** The token that is in use; the first caller signs in for all. */
  function signedIn(): Promise<string> {
    token ??= signIn().catch((error: unknown) => {
      token = undefined;
      throw error;
    });
    return token;
  }

  return {
    token: signedIn,
    async call<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
      const current = signedIn();
      try {
        return (await post(url, { query, variables, token: await current })) as T;
      } catch (error) {
        const again = error instanceof ApiError && error.code === 'UNAUTHENTICATED' && credentials.kind === 'password';
        if (!again) throw error;
        if (token === current) token = undefined;
        return (await post(url, { query, variables, token: await signedIn() })) as T;
      }
    },
  };
}
