import { METRICS, type Metric } from '@greencity/air/metric';

/** What can be shared as a link: kept in the address after `#`. */
export interface ViewState {
  readonly metric: Metric;
  readonly deviceId: string | undefined;
  readonly list: boolean;
}

/** Reads a view from an address's hash; anything that is not understood falls back to the default. */
export function readView(hash: string): ViewState {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const metric = METRICS.find((known) => known === fields.get('metric')) ?? 'PM2_5';
  return { metric, deviceId: fields.get('device') ?? undefined, list: fields.get('view') === 'list' };
}

/** The hash of a view. */
export function writeView(view: ViewState): string {
  const fields = new URLSearchParams({ metric: view.metric });
  if (view.deviceId) fields.set('device', view.deviceId);
  if (view.list) fields.set('view', 'list');
  return `#${fields}`;
}
