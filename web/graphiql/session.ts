/** Who is signed in on this page. Tokens stay in its memory: a reload signs out. */
export interface Session {
  readonly email: string;
  readonly role: string;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

export interface Sessions {
  readonly current: Session | undefined;
  /** @throws Error with what the platform said */
  signIn(email: string, password: string): Promise<Session>;
  signOut(): void;
  /** Called when a session is over that could not be renewed. */
  onOver(listener: () => void): void;
  /** The header of a call, with a token that is still good for a while; undefined when nobody is signed in. */
  authorization(): Promise<string | undefined>;
}

const SESSION = 'accessToken refreshToken expiresAt user { email role }';
/** Both are registered as schema/operations/graphiql/1: a platform that takes registered operations only lets people sign in, too. */
export const SIGN_IN = `mutation SignIn($email: String!, $password: String!) { signIn(email: $email, password: $password) { ${SESSION} } }`;
export const REFRESH = `mutation Refresh($token: String!) { refreshSession(refreshToken: $token) { ${SESSION} } }`;
/** A token that ends sooner is renewed first. */
const RENEW_BEFORE_MS = 60_000;

/** Nobody answered. */
class Away extends Error {}

async function call(fetched: Fetch, url: string, init: RequestInit): Promise<Response> {
  const response = await fetched(url, init).catch((cause: unknown) => {
    throw new Away('The platform does not answer.', { cause });
  });
  if (response.status >= 500) throw new Away(`The platform answered ${response.status}.`);
  return response;
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export function openSessions(url: string, fetched: Fetch = (address, init) => fetch(address, init)): Sessions {
  let session: Session | undefined;
  let tokens: Tokens | undefined;
  let renewing: Promise<void> | undefined;
  let over = (): void => undefined;
  const ask = async (query: string, variables: unknown): Promise<void> => {
    const response = await call(fetched, url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as {
      data?: Record<string, Tokens & { readonly user: Session }> | null;
      errors?: readonly { readonly message: string }[];
    };
    const [given] = Object.values(data ?? {});
    if (!given) throw new Error(errors?.[0]?.message ?? `the platform answered ${response.status}`);
    const { user, ...fresh } = given;
    tokens = fresh;
    session = user;
  };
  const signOut = (): void => {
    tokens = undefined;
    session = undefined;
  };
  return {
    get current() {
      return session;
    },
    async signIn(email, password) {
      await ask(SIGN_IN, { email, password });
      if (!session) throw new Error('the platform gave no session');
      return session;
    },
    signOut,
    onOver(listener) {
      over = listener;
    },
    async authorization() {
      if (tokens && Date.parse(tokens.expiresAt) - Date.now() < RENEW_BEFORE_MS) {
        renewing ??= ask(REFRESH, { token: tokens.refreshToken })
          .catch((error: unknown) => {
            // A platform that is away may take the token later; one that refuses it will not.
            if (error instanceof Away) return;
            signOut();
            over();
          })
          .finally(() => {
            renewing = undefined;
          });
        await renewing;
      }
      return tokens && `Bearer ${tokens.accessToken}`;
    },
  };
}
