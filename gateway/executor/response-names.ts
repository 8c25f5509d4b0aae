import { type DocumentNode, Kind, visit } from 'graphql';
import type { Path } from './values.ts';

/** Names that every JavaScript object answers to, `__proto__` among them. */
const HAZARDS = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Names under which values travel between planner, subgraphs and merging. A client may call a field `__proto__` or
 * `constructor`; on the way it has another name, and gets its own back in the response and in error paths.
 */
export interface ResponseNames {
  inside(name: string): string;
  outside(path: Path): Path;
}

/** The document with hazardous response names replaced, and how to find them again. */
export function sheltered(document: DocumentNode): { readonly document: DocumentNode; readonly names: ResponseNames } {
  const taken = new Set<string>();
  const hazardous = new Set<string>();
  visit(document, {
    Field(node) {
      const name = node.alias?.value ?? node.name.value;
      (HAZARDS.has(name) ? hazardous : taken).add(name);
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
