import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { Commands } from './commands.ts';
import type { Loaders } from './loaders.ts';
import type { Queries } from './queries.ts';

/** What the resolvers of this subgraph are given. */
export interface Context extends SubgraphContext {
  readonly audit: AuditLog;
  readonly queries: Queries;
  readonly commands: Commands;
  readonly loaders: Loaders;
}
