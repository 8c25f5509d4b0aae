import { SCALARS } from '@greencity/platform/graphql/scalars';
import { type GraphQLSchema, isScalarType } from 'graphql';

/**
 * Lets the public schema refuse what a subgraph would refuse, before anything is executed, and passes what it accepts on as the client wrote it.
 * The schema is changed in place.
 */
export function checkClientScalars(schema: GraphQLSchema): void {
  for (const scalar of Object.values(SCALARS)) {
    const type = schema.getType(scalar.name);
    if (!isScalarType(type)) continue;
    const { parseLiteral } = type;
    type.parseValue = (value) => {
      scalar.parseValue(value);
      return value;
    };
    type.parseLiteral = (node, variables) => {
      scalar.parseLiteral(node, variables);
      return parseLiteral.call(type, node, variables);
    };
  }
}
