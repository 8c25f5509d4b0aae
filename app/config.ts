/** Settings, read from the environment once. The only place that reads it; every mistake is reported in one error. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { trustedProxies } from '@greencity/gateway/http/client-address';
import { DEFAULT_RATE_LIMITS } from '@greencity/gateway/settings';
import { AppError } from '@greencity/platform/errors';
import { type SigningSecrets, signingSecrets } from '@greencity/platform/graphql/gateway-token';
import type { LogLevel } from '@greencity/platform/log/port';
import { type OidcConfig, readOidc } from './oidc-config.ts';
import { SUBGRAPHS, type SubgraphName } from './roles.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const GIB = 1024 ** 3;

export interface Config {
  readonly http: { readonly host: string; readonly port: number };
  /** Addresses and CIDR ranges of proxies whose word about a client's address is believed. */
  readonly trustedProxies: readonly string[];
  /** A minute's budgets; 0 is no limit. */
  readonly rates: {
    readonly requestsPerMinute: number;
    readonly anonymousCostPerMinute: number;
    readonly userCostPerMinute: number;
    readonly keyCostPerMinute: number;
    readonly limitLocal: boolean;
  };
  readonly mqtt: { readonly host: string; readonly port: number };
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
  readonly timeSeries:
    | { readonly kind: 'embedded' }
    | {
        readonly kind: 'influx';
        readonly url: string;
        readonly org: string;
        readonly token: string;
        readonly bucket: string;
      };
  readonly documents: { readonly kind: 'embedded' } | { readonly kind: 'mongodb'; readonly uri: string };
  readonly eventLog:
    | { readonly kind: 'embedded' }
    | {
        readonly kind: 'kafka';
        readonly brokers: readonly string[];
        readonly partitions: number;
        readonly prefix: string;
        readonly sasl: KafkaSasl | undefined;
        readonly tls: boolean;
        /** File of the authority, in PEM, where the system does not know it. */
        readonly ca: string | undefined;
      };
  /** And with it cache, rate limits and leases. */
  readonly pubSub: { readonly kind: 'embedded' } | { readonly kind: 'redis'; readonly url: string };
  readonly log: { readonly level: LogLevel; readonly format: 'text' | 'json' };
  readonly acceptance: { readonly ageMs: number; readonly aheadMs: number };
  readonly retention: {
    readonly rawMs: number;
    readonly rollupMs: number;
    readonly logMs: number;
    readonly logBytesMax: number;
  };
}

const KAFKA_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** How this program signs in at Kafka. */
export interface KafkaSasl {
  readonly mechanism: (typeof KAFKA_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of every variable, as docs/operate.md lists them. */
export const VARIABLES = [
  'PORT',
  'HOST',
  'TRUSTED_PROXIES',
  'RATE_REQUESTS_PER_MINUTE',
  'RATE_ANONYMOUS_COST_PER_MINUTE',
  'RATE_USER_COST_PER_MINUTE',
  'RATE_KEY_COST_PER_MINUTE',
  'RATE_LIMIT_LOCAL',
  'MQTT_PORT',
  'MQTT_HOST',
  'DATA_DIR',
  'DEVICES_URL',
  'MEASUREMENTS_URL',
  'ALERTS_URL',
  'PREDICTIONS_URL',
  'GATEWAY_SECRET',
  'GATEWAY_SECRET_FILE',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'ADMIN_PASSWORD_FILE',
  'KEY_ROTATION_DAYS',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OIDC_ROLE_CLAIM',
  'OIDC_ROLES',
  'PERSISTED_OPERATIONS',
  'SUPERGRAPH_FILE',
  'DEMO',
  'DEMO_NODES',
  'DEMO_HISTORY_HOURS',
  'INFLUX_URL',
  'INFLUX_ORG',
  'INFLUX_TOKEN',
  'INFLUX_TOKEN_FILE',
  'INFLUX_BUCKET',
  'MONGODB_URI',
  'MONGODB_URI_FILE',
  'KAFKA_BROKERS',
  'KAFKA_PARTITIONS',
  'KAFKA_PREFIX',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_USERNAME',
  'KAFKA_PASSWORD',
  'KAFKA_PASSWORD_FILE',
  'KAFKA_TLS',
  'KAFKA_CA_FILE',
  'REDIS_URL',
  'REDIS_URL_FILE',
  'LOG_LEVEL',
  'LOG_FORMAT',
  'ACCEPT_AGE_DAYS',
  'ACCEPT_AHEAD_MINUTES',
  'RETENTION_RAW_DAYS',
  'RETENTION_ROLLUP_DAYS',
  'RETENTION_LOG_DAYS',
  'RETENTION_LOG_GIB',
] as const;

/** Variables of engines that this version does not drive: naming one must not be ignored in silence. */
const OTHER_ENGINES = ['MQTT_URL', 'S3_ENDPOINT'] as const;

/** Variables that hold a secret: each may name a file instead, as `<NAME>_FILE`, which no list of processes shows. */
export const SECRETS = [
  'ADMIN_PASSWORD',
  'GATEWAY_SECRET',
  'INFLUX_TOKEN',
  'MONGODB_URI',
  'KAFKA_PASSWORD',
  'REDIS_URL',
] as const;

const PASSWORD_LENGTH_MIN = 12;

/** The environment with the secrets that it names files for. A file's last line end is not part of the secret. */
function withSecrets(environment: Environment, mistakes: string[]): Environment {
  const read: Record<string, string | undefined> = { ...environment };
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (environment[name]) mistakes.push(`${name} and ${name}_FILE are both set; unset one`);
    try {
      read[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (!read[name]) mistakes.push(`${name}_FILE must name a file with something in it, "${path}" is empty`);
    } catch (error) {
      mistakes.push(`${name}_FILE must name a file that can be read: ${(error as Error).message}`);
    }
  }
  return read;
}

/** Collects what is wrong while reading, so that the user hears of all of it at once. */
function reader(given: Environment) {
  const mistakes: string[] = [];
  const environment = withSecrets(given, mistakes);
  const text = (name: string, fallback: string): string => environment[name]?.trim() || fallback;
  return {
    mistakes,
    environment,
    text,
    number(name: string, range: { readonly fallback: number; readonly low: number; readonly high: number }): number {
      const set = environment[name]?.trim();
      if (!set) return range.fallback;
      const value = Number(set);
      if (Number.isFinite(value) && value >= range.low && value <= range.high) return value;
      mistakes.push(`${name} must be a number from ${range.low} to ${range.high}, not "${set}"`);
      return range.fallback;
    },
    port(name: string, fallback: number): number {
      const value = Number(text(name, String(fallback)));
      if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
      mistakes.push(`${name} must be a whole number from 0 (any free port) to 65535, not "${environment[name]}"`);
      return fallback;
    },
    choice<const T extends string>(name: string, fallback: T, choices: readonly T[]): T {
      const set = text(name, fallback);
      const chosen = choices.find((choice) => choice === set);
      if (chosen !== undefined) return chosen;
      mistakes.push(`${name} must be one of ${choices.join(', ')}, not "${set}"`);
      return fallback;
    },
  };
}

type Reader = ReturnType<typeof reader>;

function readTimeSeries({ text, environment, mistakes }: Reader): Config['timeSeries'] {
  const url = text('INFLUX_URL', '');
  const needed = ['INFLUX_ORG', 'INFLUX_TOKEN'] as const;
  if (!url) {
    for (const name of [...needed, 'INFLUX_BUCKET']) {
      if (environment[name]) mistakes.push(`${name} is set without INFLUX_URL; set both or none`);
    }
    return { kind: 'embedded' };
  }
  if (!/^https?:\/\/[^/\s]+/.test(url)) mistakes.push(`INFLUX_URL must be an http or https address, not "${url}"`);
  for (const name of needed) if (!environment[name]) mistakes.push(`${name} must be set when INFLUX_URL is`);
  const bucket = text('INFLUX_BUCKET', 'greencity');
  return { kind: 'influx', url, org: text('INFLUX_ORG', ''), token: text('INFLUX_TOKEN', ''), bucket };
}

function readDocuments({ text, mistakes }: Reader): Config['documents'] {
  const uri = text('MONGODB_URI', '');
  if (!uri) return { kind: 'embedded' };
  // It may hold a password: what was wrong is not repeated.
  if (!/^mongodb(\+srv)?:\/\/./.test(uri)) mistakes.push('MONGODB_URI must begin with mongodb:// or mongodb+srv://');
  return { kind: 'mongodb', uri };
}

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

function readPubSub({ text, mistakes }: Reader): Config['pubSub'] {
  const url = text('REDIS_URL', '');
  if (!url) return { kind: 'embedded' };
  // It may hold a password: what was wrong is not repeated.
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url))
    mistakes.push('REDIS_URL must begin with redis:// or rediss://');
  return { kind: 'redis', url };
}

function readEventLog(read: Reader): Config['eventLog'] {
  const { text, environment, mistakes } = read;
  const brokers = text('KAFKA_BROKERS', '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  const others = VARIABLES.filter((name) => name.startsWith('KAFKA_') && name !== 'KAFKA_BROKERS');
  if (brokers.length === 0) {
    for (const name of others)
      if (environment[name]) mistakes.push(`${name} is set without KAFKA_BROKERS; set both or none`);
    return { kind: 'embedded' };
  }
  for (const broker of brokers) {
    if (!/^[^\s:/]+:\d{1,5}$/.test(broker))
      mistakes.push(`KAFKA_BROKERS must be host:port, several by commas, not "${broker}"`);
  }
  const username = text('KAFKA_USERNAME', '');
  const password = environment['KAFKA_PASSWORD'] ?? '';
  if (Boolean(username) !== Boolean(password))
    mistakes.push('KAFKA_USERNAME and KAFKA_PASSWORD must be set both or none');
  const mechanism = read.choice('KAFKA_SASL_MECHANISM', 'SCRAM-SHA-512', KAFKA_MECHANISMS);
  const prefix = text('KAFKA_PREFIX', '');
  if (!/^[\w.-]{0,100}$/.test(prefix))
    mistakes.push(`KAFKA_PREFIX must be letters, digits, dots and dashes, not "${prefix}"`);
  return {
    kind: 'kafka',
    brokers,
    prefix,
    partitions: Math.trunc(read.number('KAFKA_PARTITIONS', { fallback: 6, low: 1, high: 1_000 })),
    sasl: username ? { mechanism, username, password } : undefined,
    tls: read.choice('KAFKA_TLS', 'off', ['on', 'off']) === 'on',
    ca: text('KAFKA_CA_FILE', '') || undefined,
  };
}

function readTrustedProxies({ text, mistakes }: Reader): readonly string[] {
  const entries = text('TRUSTED_PROXIES', '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
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
    if (environment[name])
      read.mistakes.push(`${name} is set, but this version runs on its embedded engines only; unset it`);
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
    rates: readRates(read),
    mqtt: { host: read.text('MQTT_HOST', read.text('HOST', '127.0.0.1')), port: read.port('MQTT_PORT', 1883) },
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
