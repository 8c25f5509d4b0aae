import { metricDefinition } from '@greencity/air/metric';
import { audited } from '@greencity/platform/audit-log/audited';
import type { StreamEvent } from '@greencity/platform/graphql/port';
import { SCALARS } from '@greencity/platform/graphql/scalars';
import type { AlertChangedEvent } from '@greencity/schema/events/device';
import type { Context } from './context.ts';
import type { MutationResolvers, Resolvers } from './generated/schema.ts';
import type { AlertsQuery } from './queries.ts';
import { newRule, ruleChange } from './rule-input.ts';

type ListArguments = Pick<AlertsQuery, 'first'> & {
  readonly states?: AlertsQuery['states'] | null;
  readonly after?: string | null;
};

/** The arguments of a list, with nothing where null was given. */
function asked({ states, first, after }: ListArguments): AlertsQuery {
  return { states: states ?? undefined, first, after: after ?? undefined };
}

/** Resolvers of this subgraph. Who may call which stands in the schema and is held in front of them. */
export const resolvers = {
  ...SCALARS,
  Query: {
    alerts: (_, list, { loaders }) => loaders.alerts.load(asked(list)),
    alertRules: (_, __, { queries }) => queries.rules(),
  },
  Mutation: audited({
    createAlertRule(_, { input }, { commands }) {
      return commands.createRule(newRule(input));
    },
    updateAlertRule(_, { id, input }, { commands }) {
      return commands.updateRule(id, ruleChange(input));
    },
    async deleteAlertRule(_, { id }, { commands }) {
      await commands.deleteRule(id);
      return id;
    },
    acknowledgeAlert(_, { id, comment }, { commands }) {
      return commands.acknowledge(id, comment ?? null);
    },
    resolveAlert(_, { id }, { commands }) {
      return commands.resolve(id);
    },
  } satisfies MutationResolvers),
  Subscription: {
    alertChanged: {
      subscribe: (_, { zoneId }, { queries, part }) => queries.changes(zoneId ?? undefined, part),
      resolve: ({ value }: StreamEvent<AlertChangedEvent>, _: object, { queries }: Context) => queries.alertAt(value),
    },
  },
  Alert: {
    __resolveReference: ({ id }, { loaders }) => loaders.alert.load(id),
    unit: ({ metric }) => metricDefinition(metric).unit,
    startedAt: (alert) => alert.startedAtMs,
    acknowledgedAt: (alert) => alert.acknowledgedAtMs,
    resolvedAt: (alert) => alert.resolvedAtMs,
    device: ({ deviceId }) => ({ id: deviceId }),
    zone: ({ zoneId }) => ({ id: zoneId }),
    rule: ({ ruleId }, _, { queries }) => queries.rule(ruleId) ?? null,
  },
  AlertRule: {
    __resolveReference: ({ id }, { queries }) => queries.rule(id) ?? null,
    for: (rule) => rule.forMs,
    device: ({ deviceId }) => (deviceId === null ? null : { id: deviceId }),
    zone: ({ zoneId }) => (zoneId === null ? null : { id: zoneId }),
  },
  Device: {
    alerts: ({ id }, list, { loaders }) => loaders.alerts.load({ ...asked(list), deviceId: id }),
  },
  Zone: {
    alerts: ({ id }, list, { loaders }) => loaders.alerts.load({ ...asked(list), zoneId: id }),
  },
} satisfies Resolvers;
