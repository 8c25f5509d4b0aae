import { type Chance, seededChance } from '@greencity/air/chance';
import { type PreparedDocument, prepareDocument } from '@greencity/platform/graphql/prepared-document';
import { type DocumentNode, type ExecutionResult, execute, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { FUZZ, places } from '../fixtures/comparing.ts';
import { type OddWorld, oddWorld } from '../fixtures/odd-schema.ts';
import { randomQuery } from '../fixtures/random-operation.ts';

const OPERATIONS_EACH = 50;
/** Each of six comparisons: a fourth of all operations in sum. */
const SCHEMAS = Math.ceil(FUZZ.operations / OPERATIONS_EACH / 24);
/** Executions after which a document is compiled. */
const EXECUTIONS = 3;
const CONTEXT = { of: 'a request' };

process.stdout.write(`FUZZ_SEED=${FUZZ.seed} repeats this run of compiled fetches\n`);

interface Asked {
  readonly world: OddWorld;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

async function compiled({ world, document, variables }: Asked): Promise<ExecutionResult> {
  const prepared: PreparedDocument = prepareDocument(world.schema, document);
  let result: ExecutionResult = {};
  for (let run = 0; run < EXECUTIONS; run += 1) result = await prepared.run(world.root, CONTEXT as never, variables);
  return result;
}

async function interpreted({ world, document, variables }: Asked): Promise<ExecutionResult> {
  return await execute({
    ...{ schema: world.schema, document, rootValue: world.root },
    ...{ contextValue: CONTEXT, variableValues: variables },
  });
}

/** Random valid operations over a world. */
function* operations(world: OddWorld, random: Chance): Generator<Asked> {
  for (let count = 0; count < OPERATIONS_EACH; ) {
    const { text, variables } = randomQuery(world.schema, random);
    const document = parse(text, { noLocation: true });
    if (validate(world.schema, document).length > 0) continue;
    count += 1;
    yield { world, document, variables: JSON.parse(JSON.stringify(variables)) };
  }
}

type Compare = (got: ExecutionResult, wanted: ExecutionResult) => void;

/** Compares answers over random worlds. */
async function compareAll(oddness: { readonly percent: number; readonly isPatient: boolean }, compare: Compare) {
  for (let number = 0; number < SCHEMAS; number += 1) {
    const random = seededChance(FUZZ.seed + number);
    const world = oddWorld(random, oddness);
    for (const asked of operations(world, random)) {
      const [wanted, got] = [await interpreted(asked), await compiled(asked)];
      expect(JSON.stringify(got.data), `FUZZ_SEED=${FUZZ.seed}`).toBe(JSON.stringify(wanted.data));
      compare(got, wanted);
    }
  }
}

const errorsOf = ({ errors = [] }: ExecutionResult) => errors.map(({ message, path }) => ({ message, path }));
const placesOf = ({ data, errors }: ExecutionResult) => places(data, errors);

describe.each([0, 8, 40])('compiled fetches over random schemas, %i values in a hundred odd,', (percent) => {
  it('are answered as by graphql-js where nothing comes later', { timeout: 600_000 }, async () => {
    await compareAll({ percent, isPatient: false }, (got, wanted) => expect(errorsOf(got)).toEqual(errorsOf(wanted)));
  });

  it('have the same data and errors at the same places where values come later', { timeout: 600_000 }, async () => {
    await compareAll({ percent, isPatient: true }, (got, wanted) => expect(placesOf(got)).toEqual(placesOf(wanted)));
  });
});
