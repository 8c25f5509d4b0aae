import { seedOf } from '@greencity/air/chance';
import { type DocumentNode, print } from 'graphql';
import { ownersOf, textOf } from './supergraph-document.ts';

/** Which labels of `@override` hold for an operation. */
export type OverridesFor = (operation: DocumentNode) => ReadonlyMap<string, boolean>;

const NONE: ReadonlyMap<string, boolean> = new Map();

/**
 * Decides for each operation whether a field that moves to another subgraph little by little is asked of the new one. `percent(30)` holds for 30 of 100 operations, always the
 * same ones, on every gateway: an operation is planned once. Labels that say anything else never hold, so that the old subgraph stays in charge.
 */
export function progressiveOverrides(supergraph: DocumentNode): OverridesFor {
  const labels = labelsOf(supergraph);
  if (labels.size === 0) return () => NONE;
  return (operation) => {
    const text = print(operation);
    return new Map([...labels].map(([label, percent]) => [label, seedOf(`${label} ${text}`) % 100 < percent]));
  };
}

/** The percentage of each label. */
function labelsOf(supergraph: DocumentNode): ReadonlyMap<string, number> {
  const labels = new Map<string, number>();
  for (const { fields = [] } of ownersOf(supergraph).values()) {
    for (const directive of fields.flatMap(({ directives = [] }) => directives)) {
      const label = directive.name.value === 'join__field' ? textOf(directive, 'overrideLabel') : undefined;
      if (label !== undefined) labels.set(label, Number(/^percent\(([\d.]+)\)$/.exec(label)?.[1] ?? 0));
    }
  }
  return labels;
}
