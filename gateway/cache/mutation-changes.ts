import type { GraphQLSchema } from 'graphql';
import type { Variables } from '../subgraph/port.ts';
import type { Changed } from './changes.ts';
import { type AskedOperation, rootFields } from './root-fields.ts';
import { typeTag } from './shown-types.ts';

/** What a mutation may change of what is kept: nothing, everything, or answers that show one of these types. */
export type MutationChange = 'nothing' | 'everything' | readonly string[];

/**
 * What each field of the graph's mutations may change of answers that are for more than one viewer. What only its viewer, an admin or a device is ever shown, as
 * sessions, keys and secrets, is in none of them. A mutation that is not here counts as a change of everything: a new one is slow before it is wrong.
 */
export const MUTATION_CHANGES: Readonly<Record<string, MutationChange>> = {
  signIn: 'nothing',
  refreshSession: 'nothing',
  signOut: 'nothing',
  revokeSession: 'nothing',
  changePassword: 'nothing',
  createUser: 'nothing',
  changeUserRole: 'nothing',
  disableUser: 'nothing',
  enableUser: 'nothing',
  resetUserPassword: 'nothing',
  createApiKey: 'nothing',
  rotateApiKey: 'nothing',
  revokeApiKey: 'nothing',
  rotateSigningKey: 'nothing',
  revokeSigningKey: 'nothing',
  createClaimCode: 'nothing',
  rotateDeviceCredentials: 'nothing',
  claimDevice: ['Device'],
  releaseDevice: ['Device'],
  revokeDeviceCredentials: ['Device'],
  createAlertRule: ['AlertRule'],
  updateAlertRule: ['AlertRule', 'Alert'],
  deleteAlertRule: ['AlertRule', 'Alert'],
  acknowledgeAlert: ['Alert'],
  resolveAlert: ['Alert'],
  // Where a device hangs and what it measured is in maps, zones, indices and forecasts.
  registerDevice: 'everything',
  updateDevice: 'everything',
  retireDevice: 'everything',
  saveZone: 'everything',
  deleteZone: 'everything',
  addMeasurements: 'everything',
  replayDeadLetters: 'everything',
};

/** Types whose change a mutation may cause by itself: answers that show one are tagged with it. */
export const CHANGED_TYPES: ReadonlySet<string> = new Set(
  Object.values(MUTATION_CHANGES).flatMap((change) => (typeof change === 'string' ? [] : change)),
);

/** What a mutation may have changed; undefined for nothing. Root fields that were `refused`, by their coordinates, were not executed. */
export function changedByMutation(
  schema: GraphQLSchema,
  asked: AskedOperation,
  { variables, refused }: { readonly variables: Variables; readonly refused: ReadonlySet<string> },
): Changed | undefined {
  const root = schema.getMutationType();
  if (!root) return undefined;
  const tags = new Set<string>();
  for (const { name } of rootFields({ schema, root }, asked, variables)) {
    if (name.value === '__typename' || refused.has(`${root.name}.${name.value}`)) continue;
    const change = Object.hasOwn(MUTATION_CHANGES, name.value) ? MUTATION_CHANGES[name.value] : undefined;
    if (change === undefined || change === 'everything') return 'everything';
    if (change !== 'nothing') for (const type of change) tags.add(typeTag(type));
  }
  return tags.size === 0 ? undefined : [...tags];
}
