/** Where the platform is and who the caller is, from the command line, the environment and the data folder of a platform on this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from './api.ts';

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** Options that all tools take, for `parseArgs`. */
export const WHERE_OPTIONS = {
  url: { type: 'string' },
  mqtt: { type: 'string' },
  token: { type: 'string' },
} as const;

export const WHERE_USAGE = `  --url URL         where GreenCity is (default: the one that runs on DATA_DIR, else http://127.0.0.1:4000)
  --mqtt URL        its MQTT broker (default: likewise, else mqtt://127.0.0.1:1883)
  --token TOKEN     an operator's bearer token

Without --token, the environment says who you are: GREENCITY_TOKEN, or ADMIN_EMAIL and ADMIN_PASSWORD. On the same machine neither is
needed: the platform leaves a token in DATA_DIR (./data).`;

export interface WhereValues {
  readonly url?: string | undefined;
  readonly mqtt?: string | undefined;
  readonly token?: string | undefined;
}

export interface Where {
  /** Without a slash at its end. */
  readonly url: string;
  readonly mqttUrl: string;
  readonly credentials: Credentials;
}

type Environment = Readonly<Record<string, string | undefined>>;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

interface Endpoint {
  readonly httpPort?: number;
  readonly mqttPort?: number;
  /** Where devices connect to a broker outside the platform. */
  readonly mqttUrl?: string;
}

function readEndpoint(dataDir: string): Endpoint {
  try {
    return JSON.parse(readText(join(dataDir, 'endpoint.json')) ?? '{}') as Endpoint;
  } catch {
    return {};
  }
}

function checkUrl(name: string, text: string, schemes: readonly string[]): string {
  const scheme = URL.canParse(text) ? new URL(text).protocol : undefined;
  if (scheme !== undefined && schemes.includes(scheme)) return text.replace(/\/+$/, '');
  throw new UsageError(
    `--${name} must be a URL that starts with ${schemes.map((one) => `${one}//`).join(' or ')}, not "${text}".`,
  );
}

function credentialsFrom(values: WhereValues, environment: Environment, dataDir: string): Credentials {
  const token = values.token ?? (environment['GREENCITY_TOKEN'] || undefined);
  if (token !== undefined) return { kind: 'token', token };
  const password = environment['ADMIN_PASSWORD'];
  if (password) return { kind: 'password', email: environment['ADMIN_EMAIL'] || 'admin@greencity.local', password };
  const left = readText(join(dataDir, 'operator.token'));
  if (left !== undefined) return { kind: 'token', token: left };
  throw new UsageError(
    `Who are you? Give --token, or set GREENCITY_TOKEN, or ADMIN_EMAIL and ADMIN_PASSWORD. On the machine of a running platform ` +
      `its DATA_DIR is enough, but there is no ${join(dataDir, 'operator.token')}.`,
  );
}

/** @throws UsageError */
export function findPlatform(values: WhereValues, environment: Environment): Where {
  const dataDir = environment['DATA_DIR'] || './data';
  const { httpPort, mqttPort, mqttUrl = `mqtt://127.0.0.1:${mqttPort ?? 1883}` } = readEndpoint(dataDir);
  return {
    url: checkUrl('url', values.url ?? `http://127.0.0.1:${httpPort ?? 4000}`, ['http:', 'https:']),
    mqttUrl: checkUrl('mqtt', values.mqtt ?? mqttUrl, ['mqtt:', 'mqtts:']),
    credentials: credentialsFrom(values, environment, dataDir),
  };
}

/** A positive number in an option. @throws UsageError */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} must be a number above 0, not "${text}".`);
}
