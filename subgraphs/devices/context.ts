import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { Claims } from './claims.ts';
import type { DeviceCommands } from './device-commands.ts';
import type { Identity } from './identity/identity.ts';
import type { PartnerKeys } from './identity/partner-keys.ts';
import type { Queries } from './queries.ts';
import type { ZoneCommands } from './zone-commands.ts';

/** What the resolvers of this subgraph are given. Nothing in it belongs to one request but the viewer: references are looked up in memory. */
export interface Context extends SubgraphContext {
  readonly queries: Queries;
  readonly devices: DeviceCommands;
  readonly zones: ZoneCommands;
  readonly claims: Claims;
  readonly identity: Pick<Identity, 'signIn' | 'refresh' | 'users' | 'sessions' | 'signingKeys'>;
  readonly apiKeys: PartnerKeys;
  readonly audit: AuditLog;
}
