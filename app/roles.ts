/** The roles that a process may have, and which engines they need. */
import { AppError } from '@greencity/platform/errors';
import type { Config } from './config.ts';

export const SUBGRAPHS = ['devices', 'measurements', 'alerts', 'predictions'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

export const ROLES = ['ingest', ...SUBGRAPHS, 'gateway'] as const;
export type Role = (typeof ROLES)[number];
export type Roles = ReadonlySet<Role>;

export const ALL_ROLES: Roles = new Set(ROLES);

type Engine = 'eventLog' | 'timeSeries' | 'documents' | 'pubSub';

interface Need {
  readonly what: string;
  /** The variable that names the engine which several processes can share. */
  readonly variable: string;
  readonly users: readonly Role[];
}

/** What each engine is to whom. An embedded one serves one process: whoever uses it must be in there together. */
const NEEDS: Readonly<Record<Engine, Need>> = {
  eventLog: { what: 'event log', variable: 'KAFKA_BROKERS', users: ['ingest', ...SUBGRAPHS] },
  timeSeries: { what: 'time-series store', variable: 'INFLUX_URL', users: ['measurements'] },
  documents: { what: 'document store', variable: 'MONGODB_URI', users: ['devices', 'measurements', 'alerts'] },
  pubSub: { what: 'pub/sub', variable: 'REDIS_URL', users: ['devices', 'measurements', 'alerts'] },
};

/** The roles named on the command line; none are all. @throws AppError BAD_SETTING */
export function rolesNamed(names: readonly string[]): Roles {
  const unknown = names.filter((name) => !(ROLES as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new AppError('BAD_SETTING', `"${unknown.join(' ')}" is no role; the roles are ${ROLES.join(', ')}`);
  }
  return names.length === 0 ? ALL_ROLES : new Set(names as readonly Role[]);
}

/** The subgraphs among these roles. */
export function subgraphsOf(roles: Roles): readonly SubgraphName[] {
  return SUBGRAPHS.filter((name) => roles.has(name));
}

/** The subgraphs that a gateway with these roles must ask in other processes. */
export function subgraphsElsewhere(roles: Roles): readonly SubgraphName[] {
  return roles.has('gateway') ? SUBGRAPHS.filter((name) => !roles.has(name)) : [];
}

/** Whether other gateways ask the subgraphs of this process. */
export function servesSubgraphs(roles: Roles): boolean {
  return !roles.has('gateway') && subgraphsOf(roles).length > 0;
}

/** @throws AppError BAD_SETTING that lists everything which keeps these roles from running with these settings */
export function checkRoles(roles: Roles, config: Config): void {
  const { distributed } = config;
  const mistakes = Object.entries(NEEDS).flatMap(([engine, need]) => {
    const shared = config[engine as Engine].kind !== 'embedded';
    const here = need.users.filter((role) => roles.has(role));
    const others = need.users.filter((role) => !roles.has(role));
    if (shared || here.length === 0 || others.length === 0) return [];
    return `${need.variable} must be set: ${here.join(', ')} and ${others.join(', ')} share the ${need.what}, and the embedded one serves one process`;
  });
  for (const name of subgraphsElsewhere(roles)) {
    if (!distributed.subgraphUrls[name]) mistakes.push(`${name.toUpperCase()}_URL must say where ${name} is`);
  }
  const signed = servesSubgraphs(roles) || subgraphsElsewhere(roles).length > 0;
  if (signed && !distributed.secrets) {
    mistakes.push(
      'GATEWAY_SECRET_FILE must name a file that the gateway and its subgraphs both read: requests between them are signed',
    );
  }
  if (mistakes.length > 0) throw new AppError('BAD_SETTING', mistakes.join('; '));
}
