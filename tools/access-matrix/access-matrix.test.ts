import { resolvers as alerts } from '@greencity/alerts/resolvers';
import { resolvers as devices } from '@greencity/devices/resolvers';
import { resolvers as measurements } from '@greencity/measurements/resolvers';
import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import { subgraphSchema } from '@greencity/platform/graphql/subgraph-schema';
import { resolvers as predictions } from '@greencity/predictions/resolvers';
import { type GraphQLSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { committedMatrix, OUTCOMES, sdlOf, VIEWERS } from './access-matrix.ts';

const RESOLVERS = { alerts, devices, measurements, predictions };
const SCHEMAS = Object.entries(RESOLVERS).map(
  ([subgraph, resolvers]) => [subgraph, subgraphSchema(sdlOf(subgraph), resolvers)] as const,
);

/**
 * What the schema that is served answers to this viewer: its own resolver is called with nothing but the viewer. One that is let through finds no service
 * and fails for that, or gives something; both mean that the guard has let it pass.
 */
async function outcome(schema: GraphQLSchema, field: string, viewer: Viewer): Promise<string> {
  const [typeName = '', name = ''] = field.split('.');
  const type = schema.getType(typeName);
  const definition = isObjectType(type) ? type.getFields()[name] : undefined;
  if (!definition) return 'no such field';
  const resolver = definition.subscribe ?? definition.resolve;
  try {
    await resolver?.({}, {}, { viewer }, {} as never);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN'))
      return OUTCOMES[error.code];
  }
  return OUTCOMES.allowed;
}

describe.each(SCHEMAS)('the subgraph %s', (subgraph, schema) => {
  it('lets every viewer have exactly what the matrix says', async () => {
    for (const row of committedMatrix().filter((candidate) => candidate.subgraph === subgraph)) {
      const found: string[] = [];
      for (const viewer of Object.values(VIEWERS)) found.push(await outcome(schema, row.field, viewer));
      expect({ field: row.field, outcomes: found }).toEqual({ field: row.field, outcomes: row.outcomes });
    }
  });

  it('has no field that the matrix does not know, and none that is open to nobody', () => {
    const known = new Set(
      committedMatrix()
        .filter((row) => row.subgraph === subgraph)
        .map(({ field }) => field),
    );
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__') || type.name === '_Service') continue;
      for (const name of Object.keys(type.getFields())) expect(known).toContain(`${type.name}.${name}`);
    }
    expect(committedMatrix().filter(({ needs }) => needs.includes('nobody'))).toEqual([]);
  });
});

describe('the matrix', () => {
  it('never gives a role less than the role below it, and nobody more than an admin', () => {
    for (const { field, outcomes } of committedMatrix()) {
      const [anonymous = '', ...roles] = outcomes.slice(0, -2);
      const open = [anonymous, ...roles].map((cell) => cell === OUTCOMES.allowed);
      expect({ field, open: open.indexOf(true) >= 0 && open.slice(open.indexOf(true)).every(Boolean) }).toEqual({
        field,
        open: true,
      });
    }
  });

  it('opens no mutation but those of signing in to somebody without a token', () => {
    const open = committedMatrix()
      .filter(({ field, outcomes }) => field.startsWith('Mutation.') && outcomes[0] === OUTCOMES.allowed)
      .map(({ field }) => field);
    expect(open).toEqual(['Mutation.signIn', 'Mutation.refreshSession']);
  });
});
