import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { AddMeasurements } from './add-measurements.ts';
import type { DeadLetterBox } from './dead-letter-box.ts';
import type { LatestReader } from './latest-reader.ts';
import type { LiveMeasurements } from './live-measurements.ts';
import type { Loaders } from './loaders.ts';
import type { SeriesReader } from './series-reader.ts';

/** What the resolvers of this subgraph are given. The loaders belong to one request. */
export interface Context extends SubgraphContext {
  readonly audit: AuditLog;
  readonly loaders: Loaders;
  readonly latest: LatestReader;
  readonly series: SeriesReader;
  readonly live: LiveMeasurements;
  readonly addMeasurements: AddMeasurements;
  readonly deadLetters: DeadLetterBox;
}
