import type { Collection, Documents, Find, Stored } from '@greencity/platform/documents/port';
import { type Alert, type AlertState, isOpen } from '../domain/alert.ts';
import type { Progress } from '../domain/changes.ts';
import type { Rule } from '../domain/rule.ts';

/** An alert and what others have not been told of it yet: each change of state, as it was then. */
export interface KeptAlert {
  readonly alert: Alert;
  readonly owed: readonly Alert[];
}

/** What one step writes. */
export interface AlertWrite {
  readonly alerts: readonly KeptAlert[];
  readonly progress: readonly Progress[];
  /** Ids of alerts to remove. */
  readonly forgotten: readonly string[];
}

export interface AlertPageQuery {
  readonly states: readonly AlertState[];
  readonly deviceId?: string;
  readonly zoneId?: string;
  readonly first: number;
  readonly after: string | undefined;
}

export interface AlertPage {
  readonly nodes: readonly Alert[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What the subgraph had open when it stopped. */
export interface Unfinished {
  readonly open: readonly Alert[];
  readonly owed: readonly KeptAlert[];
  readonly progress: readonly Progress[];
}

/** The documents that this subgraph owns. */
export interface AlertStore {
  readonly rules: Collection<Rule>;
  /** Every rule. */
  allRules(): Promise<readonly Rule[]>;
  /** All or nothing: an alert and the times that its readings were judged up to never disagree. */
  save(write: AlertWrite): Promise<void>;
  /** In the order of `ids`. */
  alerts(ids: readonly string[]): Promise<readonly (Alert | undefined)[]>;
  /** Newest first. @throws AppError BAD_CURSOR */
  page(query: AlertPageQuery): Promise<AlertPage>;
  unfinished(): Promise<Unfinished>;
}

/** Alerts and progress lie in one collection, because one write of one collection is one durable step. */
type Kept = ({ readonly kind: 'alert' } & KeptAlert) | { readonly kind: 'progress'; readonly progress: Progress };

const PAGE_DOCUMENTS = 1_000;

const alertOf = (kept: Kept) => (kept.kind === 'alert' ? kept.alert : undefined);

/** What a start needs: progress, and alerts that are open or that somebody is still to be told of. One index for both, because progress is written often. */
function unfinishedAs(kept: Kept): string | undefined {
  if (kept.kind === 'progress') return 'progress';
  return isOpen(kept.alert) || kept.owed.length > 0 ? 'alert' : undefined;
}

/** Opens the collections. */
export async function openAlertStore(documents: Documents): Promise<AlertStore> {
  const rules = await documents.collection<Rule>({ name: 'alert-rules' });
  const kept = await documents.collection<Kept>({
    name: 'alerts',
    indexed: {
      state: (document) => alertOf(document)?.state,
      deviceId: (document) => alertOf(document)?.deviceId,
      zoneId: (document) => alertOf(document)?.zoneId,
      startedAtMs: (document) => alertOf(document)?.startedAtMs,
      unfinished: unfinishedAs,
    },
    // An alert keeps the zone that it began in; progress of all devices is one region, which is cut by device.
    region: (document) => alertOf(document)?.zoneId ?? 'progress',
  });
  return {
    rules,
    allRules: async () => (await everyStored(rules, {})).map(({ document }) => document),
    save: ({ alerts, progress, forgotten }) =>
      kept.putMany(
        [
          ...alerts.map(({ alert, owed }) => ({ id: alert.id, document: { kind: 'alert', alert, owed } as const })),
          ...progress.map((each) => ({
            id: `progress:${each.deviceId}`,
            document: { kind: 'progress', progress: each } as const,
          })),
        ],
        forgotten,
      ),
    alerts: async (ids) => (await kept.getMany(ids)).map((found) => found && alertOf(found.document)),
    async page({ states, deviceId, zoneId, first, after }) {
      const page = await kept.find({
        where: { state: states, ...(deviceId !== undefined && { deviceId }), ...(zoneId !== undefined && { zoneId }) },
        orderBy: { field: 'startedAtMs', direction: 'descending' },
        first,
        ...(after !== undefined && { after }),
      });
      return {
        nodes: page.items.flatMap(({ document }) => alertOf(document) ?? []),
        totalCount: page.totalCount,
        pageInfo: { hasNextPage: page.hasNextPage, endCursor: page.endCursor ?? null },
      };
    },
    async unfinished() {
      const found = await everyStored(kept, { where: { unfinished: ['alert', 'progress'] } });
      const all = found.map(({ document }) => document);
      const alerts = all.filter((document) => document.kind === 'alert');
      return {
        open: alerts.map(({ alert }) => alert).filter(isOpen),
        owed: alerts.filter(({ owed }) => owed.length > 0),
        progress: all.flatMap((document) => (document.kind === 'progress' ? document.progress : [])),
      };
    },
  };
}

async function everyStored<T>(collection: Collection<T>, query: Pick<Find, 'where'>): Promise<readonly Stored<T>[]> {
  const all: Stored<T>[] = [];
  let after: string | undefined;
  do {
    const page = await collection.find({ ...query, first: PAGE_DOCUMENTS, ...(after && { after }) });
    all.push(...page.items);
    after = page.hasNextPage ? page.endCursor : undefined;
  } while (after);
  return all;
}
