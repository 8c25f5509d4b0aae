import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** The size of an operation, its fragments counted as often as they are used. */
export interface Extent {
  /** Fields below each other, introspection aside. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** The most selections next to each other, as they are written. */
  readonly selections: number;
}

const NOTHING: Extent = { depth: 0, aliases: 0, directives: 0, selections: 0 };
const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

/** Measures the operations of a document without looking at the schema. Fragments are measured once, so that nesting them costs nothing; a ring of them is another rule's business. */
export function extents(document: DocumentNode): (operation: OperationDefinitionNode) => Extent {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const ofSelections = measurer(fragments);
  return ({ selectionSet, directives }) => withDirectives(ofSelections(selectionSet), directives);
}

function measurer(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Extent>();
  const ofSelections = (set: SelectionSetNode | undefined): Extent => {
    if (!set) return NOTHING;
    let [depth, aliases, directives, selections] = [0, 0, 0, set.selections.length];
    for (const selection of set.selections) {
      const inner = withDirectives(ofSelection(selection), selection.directives);
      depth = Math.max(depth, inner.depth);
      aliases += inner.aliases;
      directives += inner.directives;
      selections = Math.max(selections, inner.selections);
    }
    return { depth, aliases, directives, selections };
  };
  const ofSelection = (selection: SelectionNode): Extent => {
    if (selection.kind === Kind.FIELD) return ofField(selection);
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSelections(selection.selectionSet);
    return ofFragment(selection.name.value);
  };
  const ofField = (field: FieldNode): Extent => {
    const inner = ofSelections(field.selectionSet);
    const depth = INTROSPECTION.has(field.name.value) ? 1 : inner.depth + 1;
    return { ...inner, depth, aliases: inner.aliases + (field.alias ? 1 : 0) };
  };
  const ofFragment = (name: string): Extent => {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, NOTHING);
    const extent = ofSelections(fragments.get(name)?.selectionSet);
    known.set(name, extent);
    return extent;
  };
  return ofSelections;
}

function withDirectives(extent: Extent, directives: readonly DirectiveNode[] = []): Extent {
  return directives.length === 0 ? extent : { ...extent, directives: extent.directives + directives.length };
}
