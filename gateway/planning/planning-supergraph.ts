import { type DocumentNode, parse, print } from 'graphql';
import { type OverridesFor, progressiveOverrides } from './progressive-overrides.ts';
import { withRequiredInTurnApart } from './required-in-turn.ts';
import { type StandIns, withStandIns } from './stand-ins.ts';
import { type FieldsOwner, isFieldsOwner, isTrue, textOf } from './supergraph-document.ts';
import { type Requirements, requirementsOf } from './unmet-requirements.ts';
import { type KeysBySubgraph, keysBySubgraph } from './whole-representations.ts';

/** A supergraph as it is planned over, and what plans must be rid of again. */
export interface PlanningSupergraph {
  readonly sdl: string;
  readonly standIns: StandIns;
  readonly requirements: Requirements;
  /** Real names of subgraphs that are made up for the planner. */
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly keys: KeysBySubgraph;
  readonly overridesFor: OverridesFor;
  readonly interfaceObjects: ReadonlySet<string>;
}

/**
 * The supergraph with two blind spots of Apollo's planner moved out of its way: `@requires` with arguments (see `stand-ins.ts`),
 * and keys that a subgraph knows but does not resolve, which it would use when they stand before one that is resolved.
 */
export function planningSupergraph(supergraphSdl: string): PlanningSupergraph {
  const { document, standIns } = withStandIns(parse(supergraphSdl, { noLocation: true }));
  const apart = withRequiredInTurnApart(document);
  const definitions = apart.document.definitions.map((definition) =>
    isFieldsOwner(definition) ? resolvedKeysFirst(definition) : definition,
  );
  return {
    sdl: print({ ...apart.document, definitions } satisfies DocumentNode),
    standIns,
    subgraphs: apart.subgraphs,
    requirements: requirementsOf(document),
    keys: keysBySubgraph(document),
    overridesFor: progressiveOverrides(document),
    interfaceObjects: new Set(definitions.filter(isFieldsOwner).filter(isInterfaceObject).map(nameOf)),
  };
}

function nameOf(owner: FieldsOwner): string {
  return owner.name.value;
}

function isInterfaceObject({ directives = [] }: FieldsOwner): boolean {
  return directives.some(
    (directive) => directive.name.value === 'join__type' && isTrue(directive, 'isInterfaceObject'),
  );
}

function resolvedKeysFirst(owner: FieldsOwner): FieldsOwner {
  const directives = owner.directives ?? [];
  const unresolved = directives.filter(
    (directive) =>
      directive.name.value === 'join__type' &&
      textOf(directive, 'key') !== undefined &&
      directive.arguments?.some(({ name }) => name.value === 'resolvable') &&
      !isTrue(directive, 'resolvable'),
  );
  if (unresolved.length === 0) return owner;
  return { ...owner, directives: [...directives.filter((each) => !unresolved.includes(each)), ...unresolved] };
}
