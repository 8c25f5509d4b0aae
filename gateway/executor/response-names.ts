import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
} from 'graphql';
import type { Path } from './values.ts';

/** Names that every JavaScript object answers to, `__proto__` among them. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Names under which values travel between planner, subgraphs and merging. A client may call a field `__proto__` or
 * `constructor`; on the way it has another name, and gets its own back in the response and in error paths.
 */
export interface ResponseNames {
  inside(name: string): string;
  outside(path: Path): Path;
}

/** A document with hazardous response names replaced, and how to find them again. */
export interface Sheltered {
  readonly document: DocumentNode;
  readonly names: ResponseNames;
}

/**
 * Shelters documents over a supergraph. Hazardous is what objects inherit, and an alias that is the name of some field: the
 * planner adds fields that it needs, keys among them, under their own names, and would take the client's for them.
 */
export function responseShelter(supergraph: GraphQLSchema): (document: DocumentNode) => Sheltered {
  const fieldNames = new Set<string>();
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const name of Object.keys(type.getFields())) fieldNames.add(name);
  }
  const hazardous = ({ alias, name }: FieldNode): boolean => {
    if (alias === undefined || alias.value === name.value) return INHERITED.has(name.value);
    const { value } = alias;
    return INHERITED.has(value) || fieldNames.has(value) || RESERVED.test(value);
  };
  return (document) => sheltered(document, hazardous, fieldNames);
}

/** Names that the planner makes up begin so. */
const RESERVED = /^(__|_required)/;

function sheltered(
  document: DocumentNode,
  isHazardous: (field: FieldNode) => boolean,
  fieldNames: ReadonlySet<string>,
): Sheltered {
  const taken = new Set(fieldNames);
  const hazardous = new Set<string>();
  visit(document, {
    Field(node) {
      const name = node.alias?.value ?? node.name.value;
      (isHazardous(node) ? hazardous : taken).add(name);
    },
  });
  if (hazardous.size === 0) return { document, names: { inside: (name) => name, outside: (path) => path } };
  const inside = new Map<string, string>();
  for (const name of hazardous) {
    let safe = `safe_${name}`;
    while (taken.has(safe)) safe += '_';
    taken.add(safe);
    inside.set(name, safe);
  }
  const outside = new Map([...inside].map(([name, safe]) => [safe, name]));
  const renamed = visit(document, {
    Field(node) {
      const safe = inside.get(node.alias?.value ?? node.name.value);
      return safe === undefined ? undefined : { ...node, alias: { kind: Kind.NAME, value: safe } };
    },
  });
  return {
    document: renamed,
    names: {
      inside: (name) => inside.get(name) ?? name,
      outside: (path) => path.map((step) => (typeof step === 'string' ? (outside.get(step) ?? step) : step)),
    },
  };
}
