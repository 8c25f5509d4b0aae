import { type DirectiveNode, type DocumentNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql';
import type { Variables } from '../subgraph/port.ts';

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * The document without what `@skip` and `@include` leave out, and without those that are settled: by their literal, or by the
 * values of their variables where these are given. What is left out would be fetched in vain, and fail in vain; and an object of
 * which nothing is wanted keeps `__typename`, so that it is still found to be there.
 */
export function withSettledConditions(document: DocumentNode, values: Variables): DocumentNode {
  const selection = (node: SelectionNode): SelectionNode | null | undefined => {
    if (!node.directives || node.directives.length === 0) return undefined;
    const truths = node.directives.map((directive) => truthOf(directive, values));
    if (truths.includes(false)) return null;
    if (!truths.includes(true)) return undefined;
    return { ...node, directives: node.directives.filter((_, index) => truths[index] !== true) };
  };
  return visit(document, {
    Field: selection,
    InlineFragment: selection,
    FragmentSpread: selection,
    SelectionSet: {
      leave: (node: SelectionSetNode) =>
        node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined,
    },
  });
}

/** Whether a condition includes its selection; undefined when that is not settled, and for other directives. */
function truthOf(directive: DirectiveNode, values: Variables): boolean | undefined {
  const name = directive.name.value;
  if (name !== 'skip' && name !== 'include') return undefined;
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
  const truth = value?.kind === Kind.VARIABLE ? values[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
  return truth === undefined ? undefined : (truth === true) === (name === 'include');
}
