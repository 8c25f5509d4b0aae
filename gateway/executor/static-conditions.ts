import { type DirectiveNode, type DocumentNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql';

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * The document as it is to be planned: without what `@skip(if: true)` and `@include(if: false)` leave out, which would be
 * fetched in vain, and fail in vain; and with `__typename` where everything in an object depends on variables, so that
 * an object of which nothing is wanted is still found to be there.
 */
export function withSettledConditions(document: DocumentNode): DocumentNode {
  const selection = (node: SelectionNode): SelectionNode | null | undefined => {
    const conditions = (node.directives ?? []).map(staticTruth);
    if (conditions.includes(false)) return null;
    if (!conditions.includes(true)) return undefined;
    return { ...node, directives: (node.directives ?? []).filter((_, index) => conditions[index] !== true) };
  };
  const settled = visit(document, {
    Field: selection,
    InlineFragment: selection,
    FragmentSpread: selection,
    SelectionSet: {
      leave: (node: SelectionSetNode) =>
        node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined,
    },
  });
  const fragments = new Map(
    settled.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment.selectionSet]),
  );
  return visit(settled, {
    Field(node) {
      if (!node.selectionSet || certain(node.selectionSet, fragments)) return undefined;
      return { ...node, selectionSet: withTypename(node.selectionSet) };
    },
  });
}

function withTypename(set: SelectionSetNode): SelectionSetNode {
  return { ...set, selections: [...set.selections, TYPENAME] };
}

/** Whether something in this selection is wanted whatever the variables are. */
function certain(set: SelectionSetNode, fragments: ReadonlyMap<string, SelectionSetNode>): boolean {
  return set.selections.some((selection) => {
    const conditional = selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include');
    if (conditional) return false;
    if (selection.kind === Kind.FIELD) return true;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value);
    return inner !== undefined && certain(inner, fragments);
  });
}

/** Whether a literal condition includes its selection; undefined when that depends on a variable, and for other directives. */
function staticTruth(directive: DirectiveNode): boolean | undefined {
  const name = directive.name.value;
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
  if (value?.kind !== Kind.BOOLEAN || (name !== 'skip' && name !== 'include')) return undefined;
  return value.value === (name === 'include');
}
