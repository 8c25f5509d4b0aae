/** How a connection to Mosquitto stands, and how its failures are named and told. */
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';

/** Reason codes of CONNACK and SUBACK: bad user name or password, not authorised, banned (3.1.1 and 5). */
const REFUSED = new Set<unknown>([4, 5, 134, 135, 138]);
/** What Node calls a certificate that it does not believe. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|ERR_SSL|^EPROTO$/;

export interface MosquittoConnection {
  /** `mqtt://user:password@host:port`, `mqtts://` with TLS. */
  readonly url: string;
  /** Certificate of the authority in PEM, where the system does not know it. */
  readonly ca?: string;
}

export interface Standing {
  /** Why it does not stand now; undefined while it does. */
  readonly trouble: AppError | undefined;
  /** Resolves when it first stands. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED: waiting would not help */
  connected(): Promise<void>;
  stands(): void;
  /** Why it does not. Logged once, until it stands again or the reason is another. */
  fails(cause: unknown): void;
  /** It was closed: where something was said of it before, that is the reason. */
  closed(): void;
}

/** Broker and user, as messages name them: without the password. */
export function brokerName({ url }: Pick<MosquittoConnection, 'url'>): string {
  const { host, username } = new URL(url);
  return `Mosquitto at ${host}, user ${decodeURIComponent(username) || 'none'}`;
}

/** The port in the address, or that of its scheme. */
export function portOf({ url }: Pick<MosquittoConnection, 'url'>): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === 'mqtts:' ? 8_883 : 1_883);
}

/** The error in our words: refused, not trusted, or not reached. */
export function brokerError(connection: MosquittoConnection, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code, message } = cause as Error & { readonly code?: number | string };
  return new AppError(codeOf(code), `${brokerName(connection)}: ${message}`, { cause });
}

function codeOf(code: number | string | undefined): 'ENGINE_REFUSED' | 'ENGINE_UNTRUSTED' | 'ENGINE_UNREACHABLE' {
  if (REFUSED.has(code)) return 'ENGINE_REFUSED';
  return typeof code === 'string' && UNTRUSTED.test(code) ? 'ENGINE_UNTRUSTED' : 'ENGINE_UNREACHABLE';
}

/** Follows a connection that begins as one that does not stand. */
export function openStanding(connection: MosquittoConnection, log: Logger): Standing {
  const first = Promise.withResolvers<void>();
  // Whoever does not wait for it is told by `trouble`.
  first.promise.catch(() => undefined);
  let trouble: AppError | undefined = brokerError(connection, new Error('not connected yet'));
  let told: AppError | undefined;

  function fails(cause: unknown): void {
    trouble = brokerError(connection, cause);
    const { code, subject } = trouble;
    if (code !== 'ENGINE_UNREACHABLE') first.reject(trouble);
    if (told?.code === code) return;
    told = trouble;
    if (code === 'ENGINE_UNREACHABLE')
      log.warn({ detail: subject }, 'Mosquitto does not answer, connecting again and again');
    else log.error({ code, detail: subject }, 'Mosquitto cannot be used; it is tried again');
  }

  return {
    get trouble() {
      return trouble;
    },
    connected: () => first.promise,
    stands() {
      if (told) log.info({ broker: brokerName(connection) }, 'connected to Mosquitto again');
      trouble = undefined;
      told = undefined;
      first.resolve();
    },
    fails,
    closed() {
      if (!trouble) fails(new Error('the connection was closed'));
    },
  };
}
