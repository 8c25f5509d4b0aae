/**
 * Makes what is generated and committed: the supergraph, the public schema, the access matrix, the resolver types of each subgraph the web client's operation types, the
 * registration of its operations and of the contract's, and the SDK.
 * `npm run generate` writes; `npm run generate -- --check` fails and names each file that is out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { generate } from '@graphql-codegen/cli';
import { describeAccess, fieldAccessOf } from '@greencity/gateway/authorisation/field-access';
import { subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import { parse, printSchema } from 'graphql';
import { declaredMatrix, MATRIX_PATH, matrixText } from './access-matrix/access-matrix.ts';
import { ownershipText } from './access-matrix/ownership.ts';
import { contractOperations, contractRegistration, errorCodesModule, sdkModule } from './sdk.ts';
import { type GeneratedFile, leftOver, withRegistration } from './web-registration.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SUBGRAPHS = ['alerts', 'devices', 'measurements', 'predictions'] as const;
/** Scalars by their TypeScript type: `DateTime` and `Duration` cross the resolvers as milliseconds. */
const SCALARS = {
  DateTime: 'number',
  Duration: 'number',
  Metres: 'number',
  Percent: 'number',
  WattHours: 'number',
  _Any: 'unknown',
  _FieldSet: 'string',
  federation__FieldSet: 'string',
  link__Import: 'string',
};
const WEB_SCALARS = {
  DateTime: 'string',
  Duration: 'string',
  Metres: 'number',
  Percent: 'number',
  WattHours: 'number',
};

function composed(): readonly GeneratedFile[] {
  const services = SUBGRAPHS.map((name) => ({
    name,
    url: `http://${name}.invalid/graphql`,
    typeDefs: parse(subgraphSdl(new URL(`../subgraphs/${name}/schema.graphql`, import.meta.url))),
  }));
  const result = composeServices(services);
  if (result.errors)
    throw new Error(`The subgraphs do not compose:\n${result.errors.map((error) => error.message).join('\n')}`);
  const apiSchema = result.schema.toAPISchema().toGraphQLJSSchema();
  const api = printSchema(describeAccess(apiSchema, fieldAccessOf(result.supergraphSdl)));
  return [
    { path: 'schema/supergraph.graphql', content: `${result.supergraphSdl}\n` },
    { path: 'schema/api.graphql', content: `${api}\n` },
  ];
}

/** Domain types that resolvers return in place of GraphQL types: `subgraphs/<d>/mappers.json`, paths relative to `generated/`. */
function mappers(subgraph: string): Record<string, string> {
  const path = join(ROOT, 'subgraphs', subgraph, 'mappers.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {};
}

async function resolverTypes(): Promise<readonly GeneratedFile[]> {
  const generates = Object.fromEntries(
    SUBGRAPHS.map((name) => [
      join(ROOT, `subgraphs/${name}/generated/schema.ts`),
      {
        schema: [subgraphSdl(new URL(`../subgraphs/${name}/schema.graphql`, import.meta.url))],
        plugins: ['typescript', 'typescript-resolvers'],
        config: {
          federation: true,
          useTypeImports: true,
          enumsAsTypes: true,
          strictScalars: true,
          immutableTypes: true,
          importExtension: '.ts',
          scalars: SCALARS,
          mappers: mappers(name),
          contextType: '../context.ts#Context',
        },
      },
    ]),
  );
  return await run(generates);
}

async function webTypes(): Promise<readonly GeneratedFile[]> {
  const source = join(ROOT, 'web/src');
  if (
    !existsSync(source) ||
    !readdirSync(source, { recursive: true }).some((name) => String(name).endsWith('.graphql.ts'))
  )
    return [];
  return await run({
    [`${join(ROOT, 'web/src/generated')}/`]: {
      schema: join(ROOT, 'schema/api.graphql'),
      documents: [join(source, '**/*.graphql.ts')],
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256', mode: 'embedHashInDocument' },
      },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        importExtension: '.ts',
        scalars: WEB_SCALARS,
      },
    },
  });
}

/** Types of the operations promised to clients, and the functions of the SDK over them. */
async function sdk(): Promise<readonly GeneratedFile[]> {
  const operations = contractOperations(ROOT);
  const types = await run({
    [join(ROOT, 'sdk/generated/operations.ts')]: {
      schema: join(ROOT, 'schema/api.graphql'),
      documents: FILES_OF_CONTRACT,
      plugins: ['typescript-operations'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        scalars: WEB_SCALARS,
      },
    },
  });
  return [
    ...contractRegistration(operations),
    ...types,
    { path: 'sdk/generated/api.ts', content: sdkModule(operations) },
    { path: 'sdk/generated/error-codes.ts', content: errorCodesModule() },
  ];
}

const FILES_OF_CONTRACT = [join(ROOT, 'schema/golden/contract/*.graphql')];

type Generates = Extract<Parameters<typeof generate>[0], { readonly generates: unknown }>['generates'];

async function run(generates: unknown): Promise<readonly GeneratedFile[]> {
  const files = await generate({ generates: generates as Generates, silent: true }, false);
  return files.map((file: { filename: string; content: string }) => ({
    path: file.filename.replace(ROOT, ''),
    content: file.content,
  }));
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check');
  let outdated = 0;
  const settle = (file: GeneratedFile) => {
    const path = join(ROOT, file.path);
    if (existsSync(path) && readFileSync(path, 'utf8') === file.content) return;
    outdated += 1;
    console.log(`${check ? 'out of date' : 'written'}: ${file.path}`);
    if (check) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.content);
  };
  composed().forEach(settle);
  settle({ path: MATRIX_PATH, content: matrixText(declaredMatrix(SUBGRAPHS)) + ownershipText() });
  (await resolverTypes()).forEach(settle);
  (await sdk()).forEach(settle);
  const web = withRegistration(ROOT, await webTypes());
  web.forEach(settle);
  for (const path of leftOver(ROOT, web)) {
    outdated += 1;
    console.log(`${check ? 'out of date' : 'removed'}: ${path}`);
    if (!check) rmSync(join(ROOT, path));
  }
  if (check && outdated > 0) {
    console.log('Run "npm run generate" and commit what it writes.');
    process.exitCode = 1;
  }
}

await main();
