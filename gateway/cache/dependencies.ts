import { METRICS } from '@greencity/air/metric';
import { type Box, boxFault, tilesOfBox } from '@greencity/air/place';
import { LIVE_TILE_ZOOMS } from '@greencity/schema/events/channels';
import { type GraphQLSchema, getArgumentValues } from 'graphql';
import type { Variables } from '../subgraph/port.ts';
import { CHANGED_TYPES } from './mutation-changes.ts';
import { ANY_READING, type AnswerRecord, entityTag } from './record.ts';
import { type AskedOperation, rootFields } from './root-fields.ts';
import { shownTypes } from './shown-types.ts';

type Arguments = Readonly<Record<string, unknown>>;

/**
 * What each field of the graph's root depends on. Whatever is below an entity is fetched by its key, and noted by that. A field that is not here is
 * never kept: a new one is slow before it is wrong.
 */
export const ROOT_DEPENDENCIES: Readonly<Record<string, (given: Arguments) => readonly string[]>> = {
  device: ({ id }) => [entityTag('Device', String(id))],
  devices: () => ['devices'],
  nearestDevices: () => ['devices'],
  zone: ({ id }) => [entityTag('Zone', String(id)), 'zones'],
  zones: () => ['zones'],
  latestMeasurements: ({ within, metric }) => [ANY_STATUS, ...tilesWith(within as Box, String(metric))],
  heatMap: () => [ANY_READING],
  alerts: () => ['alerts'],
  __typename: () => [],
  __schema: () => [],
  __type: () => [],
};

const TILES_MAX = 64;
/** The tag of every change of a device's status: it may leave the map by that. */
export const ANY_STATUS = 'statuses';
/** The tag of every answer that depends on the readings of map tiles: for a reading whose place is not known. */
export const ANY_TILE = 'tiles';

/** Readings of one metric in one tile of the map. */
export function tileTag(zoom: number, tile: { readonly x: number; readonly y: number }, metric: string): string {
  return `tile:${zoom}/${tile.x}/${tile.y}:${metric}`;
}

/** The tiles of a box at the finest zoom of which few cover it. */
function tilesWith(box: Box, metric: string): readonly string[] {
  if (boxFault(box) || !(METRICS as readonly string[]).includes(metric)) return [ANY_READING];
  for (const zoom of LIVE_TILE_ZOOMS) {
    const tiles = tilesOfBox(box, zoom, TILES_MAX);
    if (tiles) return [ANY_TILE, ...tiles.map((tile) => tileTag(zoom, tile, metric))];
  }
  return [ANY_READING];
}

/** Notes what the root of a query depends on. */
export function noteRoots(
  schema: GraphQLSchema,
  asked: AskedOperation,
  variables: Variables,
  record: AnswerRecord,
): void {
  record.add(shownTypes(schema, asked.document, CHANGED_TYPES));
  if (addRoots(schema, asked, variables, record)) record.known();
  else record.unknown();
}

function addRoots(schema: GraphQLSchema, asked: AskedOperation, variables: Variables, record: AnswerRecord): boolean {
  const root = schema.getQueryType();
  if (!root) return false;
  for (const node of rootFields({ schema, root }, asked, variables)) {
    const name = node.name.value;
    const dependencies = Object.hasOwn(ROOT_DEPENDENCIES, name) ? ROOT_DEPENDENCIES[name] : undefined;
    if (!dependencies) return false;
    const field = root.getFields()[name];
    record.add(dependencies(field ? getArgumentValues(field, node, variables) : {}));
  }
  return true;
}
