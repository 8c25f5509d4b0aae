/** Settings, read from the environment once. The only place that reads it; every mistake is reported in one error. */
import { resolve } from 'node:path';
import { trustedProxies } from '@greencity/gateway/http/client-address';
import { type Origins, originsOf } from '@greencity/gateway/http/cross-origin';
import { DEFAULT_RATE_LIMITS } from '@greencity/gateway/settings';
import { AppError } from '@greencity/platform/errors';
import { type SigningSecrets, signingSecrets } from '@greencity/platform/graphql/gateway-token';
import type { LogLevel } from '@greencity/platform/log/port';
import { type OidcConfig, readOidc } from './oidc-config.ts';
import { SUBGRAPHS, type SubgraphName } from './roles.ts';
import {
  type DocumentsEngine,
  type EventLogEngine,
  type MqttEngine,
  type PubSubEngine,
  readDocuments,
  readEventLog,
  readMqtt,
  readPubSub,
  readTimeSeries,
  type TimeSeriesEngine,
} from './settings/engines.ts';
import { type Lookalike, lookalikes } from './settings/lookalikes.ts';
import { type Reader, reader } from './settings/reader.ts';
import type { Environment } from './settings/variables.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const GIB = 1024 ** 3;

export interface Config {
  readonly http: { readonly host: string; readonly port: number };
  /** Addresses and CIDR ranges of proxies whose word about a client's address is believed. */
  readonly trustedProxies: readonly string[];
  /** Sites whose pages may read the API. */
  readonly origins: Origins;
  /** A minute's budgets; 0 is no limit. */
  readonly rates: {
    readonly requestsPerMinute: number;
    readonly anonymousCostPerMinute: number;
    readonly userCostPerMinute: number;
    readonly keyCostPerMinute: number;
    readonly limitLocal: boolean;
  };
  readonly mqtt: MqttEngine;
  /** Absolute path; everything that must survive lies below it. */
  readonly dataDir: string;
  /** Where the subgraphs are that run in other processes, `http://host:port` by name, and what the gateway signs with. */
  readonly distributed: {
    readonly subgraphUrls: Readonly<Partial<Record<SubgraphName, string>>>;
    readonly secrets: SigningSecrets | undefined;
  };
  readonly admin: { readonly email: string; readonly password: string | undefined };
  /** What becomes of operations that no app has registered. */
  readonly operations: { readonly mode: 'off' | 'prefer' | 'only' };
  /** Absolute path of another supergraph than the one that comes with the platform. */
  readonly supergraphFile: string | undefined;
  /** How long a key signs access tokens before the next one does. */
  readonly keySignsForMs: number;
  /** An OpenID provider outside that people sign in at as well. */
  readonly oidc: OidcConfig | undefined;
  readonly demo: { readonly enabled: boolean; readonly nodes: number; readonly historyMs: number };
  /** Which engine keeps what: embedded in this process, unless a setting names one that processes share. */
  readonly timeSeries: TimeSeriesEngine;
  readonly documents: DocumentsEngine;
  readonly eventLog: EventLogEngine;
  readonly pubSub: PubSubEngine;
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  readonly acceptance: { readonly ageMs: number; readonly aheadMs: number };
  readonly retention: {
    readonly rawMs: number;
    readonly rollupMs: number;
    readonly logMs: number;
    readonly logBytesMax: number;
  };
  /** Variables that are no settings, but that somebody may have meant as one. */
  readonly lookalikes: readonly Lookalike[];
}

/** Variables of engines that this version does not drive: naming one must not be ignored in silence. */
const OTHER_ENGINES = ['S3_ENDPOINT'] as const;

const PASSWORD_LENGTH_MIN = 12;

function readDistributed({ text, environment, mistakes }: Reader): Config['distributed'] {
  const urls = SUBGRAPHS.flatMap((name) => {
    const variable = `${name.toUpperCase()}_URL`;
    const url = text(variable, '').replace(/\/+$/, '');
    if (url && !/^https?:\/\/[^/\s]+$/.test(url))
      mistakes.push(`${variable} must be as http://host:port, not "${url}"`);
    return url ? [[name, url] as const] : [];
  });
  const given = environment['GATEWAY_SECRET'];
  let secrets: SigningSecrets | undefined;
  try {
    secrets = given ? signingSecrets(given, 'GATEWAY_SECRET') : undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    mistakes.push(error.subject);
  }
  return { subgraphUrls: Object.fromEntries(urls), secrets };
}

function entriesOf(list: string): readonly string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function readOrigins({ text, mistakes }: Reader): Origins {
  const given = text('CORS_ORIGINS', '*');
  const { origins, wrong } = originsOf(given === 'none' ? [] : entriesOf(given));
  if (wrong.length > 0)
    mistakes.push(`CORS_ORIGINS must be *, none, or list sites as https://example.org, not "${wrong.join(', ')}"`);
  return origins;
}

function readTrustedProxies({ text, mistakes }: Reader): readonly string[] {
  const entries = entriesOf(text('TRUSTED_PROXIES', ''));
  const { wrong } = trustedProxies(entries);
  if (wrong.length > 0)
    mistakes.push(`TRUSTED_PROXIES must list addresses or ranges as 10.0.0.0/8, not "${wrong.join(', ')}"`);
  return entries;
}

const RATE_MAX = 1_000_000_000;

function readRates({ number, choice }: Reader): Config['rates'] {
  const rate = (name: string, fallback: number) => number(name, { fallback, low: 0, high: RATE_MAX });
  return {
    requestsPerMinute: rate('RATE_REQUESTS_PER_MINUTE', DEFAULT_RATE_LIMITS.requestsPerMinute),
    anonymousCostPerMinute: rate('RATE_ANONYMOUS_COST_PER_MINUTE', DEFAULT_RATE_LIMITS.anonymousCostPerMinute),
    userCostPerMinute: rate('RATE_USER_COST_PER_MINUTE', DEFAULT_RATE_LIMITS.userCostPerMinute),
    keyCostPerMinute: rate('RATE_KEY_COST_PER_MINUTE', DEFAULT_RATE_LIMITS.keyCostPerMinute),
    limitLocal: choice('RATE_LIMIT_LOCAL', 'off', ['off', 'on']) === 'on',
  };
}

/** The settings in an environment. @throws AppError BAD_SETTING that lists every mistake. */
export function readConfig(given: Environment): Config {
  const read = reader(given);
  const { environment } = read;
  for (const name of OTHER_ENGINES) {
    if (environment[name]) read.mistakes.push(`${name} is set, but this version does not drive that engine; unset it`);
  }
  const password = environment['ADMIN_PASSWORD'];
  if (password !== undefined && password.length < PASSWORD_LENGTH_MIN) {
    read.mistakes.push(`ADMIN_PASSWORD must have at least ${PASSWORD_LENGTH_MIN} characters`);
  }
  const email = read.text('ADMIN_EMAIL', 'admin@greencity.local');
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) read.mistakes.push(`ADMIN_EMAIL must be an email address, not "${email}"`);
  const days = (name: string, fallback: number) => read.number(name, { fallback, low: 1, high: 36_500 }) * DAY_MS;
  const config: Config = {
    http: { host: read.text('HOST', '127.0.0.1'), port: read.port('PORT', 4000) },
    trustedProxies: readTrustedProxies(read),
    origins: readOrigins(read),
    rates: readRates(read),
    mqtt: readMqtt(read),
    dataDir: resolve(read.text('DATA_DIR', './data')),
    admin: { email, password },
    keySignsForMs: days('KEY_ROTATION_DAYS', 90),
    oidc: readOidc(environment, read.mistakes),
    operations: { mode: read.choice('PERSISTED_OPERATIONS', 'off', ['off', 'prefer', 'only']) },
    supergraphFile: read.text('SUPERGRAPH_FILE', '') ? resolve(read.text('SUPERGRAPH_FILE', '')) : undefined,
    demo: {
      enabled: read.choice('DEMO', 'on', ['on', 'off']) === 'on',
      nodes: read.number('DEMO_NODES', { fallback: 300, low: 1, high: 5_000 }),
      historyMs: read.number('DEMO_HISTORY_HOURS', { fallback: 48, low: 0, high: 720 }) * 60 * MINUTE_MS,
    },
    distributed: readDistributed(read),
    timeSeries: readTimeSeries(read),
    documents: readDocuments(read),
    eventLog: readEventLog(read),
    pubSub: readPubSub(read),
    log: {
      level: read.choice('LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error']),
      format: read.choice('LOG_FORMAT', 'text', ['text', 'json']),
    },
    acceptance: {
      ageMs: days('ACCEPT_AGE_DAYS', 30),
      aheadMs: read.number('ACCEPT_AHEAD_MINUTES', { fallback: 5, low: 0, high: 1_440 }) * MINUTE_MS,
    },
    retention: {
      rawMs: days('RETENTION_RAW_DAYS', 30),
      rollupMs: days('RETENTION_ROLLUP_DAYS', 365),
      logMs: days('RETENTION_LOG_DAYS', 7),
      logBytesMax: read.number('RETENTION_LOG_GIB', { fallback: 10, low: 0.1, high: 100_000 }) * GIB,
    },
    lookalikes: lookalikes(given),
  };
  if (config.retention.rollupMs < config.retention.rawMs) {
    read.mistakes.push('RETENTION_ROLLUP_DAYS must not be less than RETENTION_RAW_DAYS');
  }
  if (read.mistakes.length > 0) throw new AppError('BAD_SETTING', read.mistakes.join('; '));
  return Object.freeze(config);
}

/** The settings of this process. @throws AppError BAD_SETTING */
export function processConfig(): Config {
  return readConfig(process.env);
}
