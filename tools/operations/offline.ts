/** Checks of operations that need no platform: against a schema in a file. */
import { checkClientScalars } from '@greencity/gateway/client-scalars';
import { costRule } from '@greencity/gateway/cost/charging';
import { operationChecker } from '@greencity/gateway/operations/check';
import { committedReleases } from '@greencity/gateway/operations/committed';
import { apiSchemaOf } from '@greencity/gateway/planning/api-schema';
import { restRule } from '@greencity/gateway/rest/endpoint';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { buildSchema } from 'graphql';

/** What a composed schema names its parts in. */
const SUPERGRAPH = /\benum join__Graph\b/;

/** Operations of one version of an app, to be checked. */
export interface CheckedRelease {
  readonly app: string;
  readonly version: string;
  readonly operations: readonly { readonly name: string; readonly text: string }[];
}

/** What is wrong with which operation of whom. */
export interface Breach {
  readonly app: string;
  readonly version: string;
  readonly operation: string;
  readonly mistakes: readonly string[];
}

/**
 * Operations that do not fit a schema or the limits of the gateway, what they may cost included. Of a supergraph it is what clients see that they must fit;
 * costs are those that the text declares.
 */
export function breaches(sdl: string, releases: readonly CheckedRelease[]): readonly Breach[] {
  const schema = SUPERGRAPH.test(sdl) ? apiSchemaOf(sdl) : buildSchema(sdl);
  checkClientScalars(schema);
  const { limits } = DEFAULT_SETTINGS;
  const checker = operationChecker(schema, limits, [restRule, costRule(schema, sdl, limits.costMax)]);
  return releases.flatMap(({ app, version, operations }) =>
    operations.flatMap(({ name, text }) => {
      const check = checker.check(text);
      return check.kind === 'bad' ? [{ app, version, operation: check.name ?? name, mistakes: check.mistakes }] : [];
    }),
  );
}

/** The releases below a folder such as schema/operations. Retired ones may break: nobody sends them any more. */
export async function releasesIn(folder: string): Promise<readonly CheckedRelease[]> {
  return (await committedReleases(folder)).filter(({ state }) => state !== 'retired');
}
