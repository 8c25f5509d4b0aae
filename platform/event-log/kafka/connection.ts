/** How the Kafka cluster is reached, and how its failures are named. */
import type { Base } from '@platformatic/kafka';
import { AppError } from '../../errors.ts';

export interface KafkaConnection {
  /** `host:port` of some of the brokers; they know the others. */
  readonly brokers: readonly string[];
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    readonly password: string;
  };
  /** With it connections are encrypted; `ca` in PEM where the system does not know the authority. */
  readonly tls?: { readonly ca?: string };
}

const CONNECT_WITHIN_MS = 5_000;
/** An answer that takes longer is none. */
const ANSWER_WITHIN_MS = 10_000;
const CLIENT_RETRIES = 3;
const CLIENT_RETRY_DELAY_MS = 100;

/** Options that every client of a cluster shares. */
export function clientOptions({ brokers, sasl, tls }: KafkaConnection) {
  return {
    clientId: 'greencity',
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_WITHIN_MS,
    requestTimeout: ANSWER_WITHIN_MS,
    timeout: ANSWER_WITHIN_MS,
    retries: CLIENT_RETRIES,
    retryDelay: CLIENT_RETRY_DELAY_MS,
    autocreateTopics: false,
    ...(sasl && { sasl }),
    ...(tls && { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
  };
}

/**
 * The client, which does not end the process when a connection breaks while it signs in: the connection then emits `error` once more, after whoever
 * listened has gone. Calls that wait for it fail as they should.
 */
export function steady<C extends Base>(client: C): C {
  client.connections.on('connecting', ({ connection }) => connection.on('error', () => undefined));
  return client;
}

/** What the client's errors are made of: a tree, with names of the protocol in its leaves. */
interface ClientError extends Error {
  readonly code?: string;
  readonly apiId?: string;
  readonly errors?: readonly ClientError[];
}

function* leaves(error: unknown): Generator<ClientError> {
  const { errors, cause } = error as ClientError;
  yield error as ClientError;
  for (const one of errors ?? []) yield* leaves(one);
  if (cause instanceof Error) yield* leaves(cause);
}

/** The protocol's names in an error, as `MESSAGE_TOO_LARGE`. */
export function protocolNames(error: unknown): ReadonlySet<string> {
  return new Set([...leaves(error)].flatMap(({ apiId }) => apiId ?? []));
}

/** Protocol names that mean: you may not come in, or not like this. */
const REFUSALS = /AUTHORIZATION_FAILED$|^SASL_AUTHENTICATION_FAILED$|^UNSUPPORTED_SASL_MECHANISM$|^ILLEGAL_SASL_STATE$/;
/** Codes of Node for a certificate that its authority, its name or its date speaks against. */
const UNTRUSTED = /CERT|_LEAF_SIGNATURE$|^HOSTNAME_MISMATCH$/;

/** True when the cluster answered, and did not let this program in. A connection that breaks while signing in is no such answer. */
export function isRefusal(error: unknown): boolean {
  if ([...protocolNames(error)].some((name) => REFUSALS.test(name))) return true;
  return [...leaves(error)].some((leaf) => leaf.code === 'PLT_KFK_AUTHENTICATION' && !isBroken(leaf));
}

function isBroken(error: ClientError): boolean {
  return [...leaves(error)].some(({ code }) => code === 'PLT_KFK_NETWORK' || code === 'PLT_KFK_TIMEOUT');
}

function isUntrusted(error: unknown): boolean {
  return [...leaves(error)].some(({ code }) => typeof code === 'string' && UNTRUSTED.test(code));
}

/** What was said last, in words. */
export function detailOf(error: unknown): string {
  const all = [...leaves(error)];
  const named = all.findLast(({ apiId }) => apiId !== undefined);
  const last = named ?? all.at(-1) ?? (error as Error);
  return named?.apiId === undefined ? last.message : `${named.apiId}: ${last.message}`;
}

/** The error in our words: refused, not trusted, or not reached. */
export function engineError(connection: KafkaConnection, cause: unknown): AppError {
  const where = `Kafka at ${connection.brokers.join(', ')}`;
  if (isRefusal(cause)) {
    const who = connection.sasl ? `user ${connection.sasl.username}` : 'a client without credentials';
    return new AppError('ENGINE_REFUSED', `${where}, ${who}: ${detailOf(cause)}`, { cause });
  }
  const code = isUntrusted(cause) ? 'ENGINE_UNTRUSTED' : 'ENGINE_UNREACHABLE';
  return new AppError(code, `${where}: ${detailOf(cause)}`, { cause });
}
