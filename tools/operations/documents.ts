/** The operations that an app sends, as its tools have written them down. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIdOf } from '@greencity/gateway/operations/release';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql';
import { UsageError } from '../operator/where.ts';

/**
 * The documents of an app: the `.graphql` files of a folder, a persisted query manifest of Apollo's tools, or a JSON object of id to text as GraphQL Code
 * Generator and Relay's compiler write it. @throws UsageError for anything else
 */
export async function documentsAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UsageError(`There is no ${path}.`);
  if (found.isDirectory()) {
    const texts = documentsOf(await filesIn(path));
    if (texts.length === 0) throw new UsageError(`${path} holds no .graphql file with an operation.`);
    return texts;
  }
  const content = await readFile(path, 'utf8');
  if (/\.(?:graphql|gql)$/.test(path)) return documentsOf([content]);
  const entries = manifestEntries(content);
  if (!entries)
    throw new UsageError(`${path} is no folder of .graphql files, and no manifest of persisted operations.`);
  const foreign = entries.find(([id, text]) => id !== undefined && !isIdOf(id.replace(/^sha256:/, ''), text));
  if (foreign)
    throw new UsageError(
      `${path}: the id ${foreign[0]} is not the SHA-256 of its text, and the platform knows operations by nothing else. Say so where it is made ` +
        '(Relay: "algorithm": "SHA256"; GraphQL Code Generator: hashAlgorithm: "sha256").',
    );
  return entries.map(([, text]) => text);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:graphql|gql)$/.test(name));
  return await Promise.all(names.toSorted().map((name) => readFile(join(folder, name), 'utf8')));
}

interface Parsed {
  readonly text: string;
  readonly operations: readonly OperationDefinitionNode[];
  readonly fragments: readonly FragmentDefinitionNode[];
}

/**
 * A document for each operation in files. One that stands alone in its file with all that it needs stays as it is written; of others the operation is
 * printed, with the fragments that it needs behind it, wherever they are.
 */
function documentsOf(texts: readonly string[]): readonly string[] {
  const files = texts.map((text) => parsed(text.trim()));
  const fragments = new Map(files.flatMap((file) => file.fragments.map((fragment) => [fragment.name.value, fragment])));
  return files.flatMap(({ text, operations, fragments: own }) => {
    // What cannot be read is the platform's to refuse, with the place.
    if (operations.length === 0) return own.length === 0 ? [text] : [];
    const [only, ...others] = operations;
    const here = new Set(own);
    if (only && others.length === 0 && needed(only, fragments).every((fragment) => here.has(fragment))) return [text];
    return operations.map((operation) => [operation, ...needed(operation, fragments)].map(print).join('\n\n'));
  });
}

function parsed(text: string): Parsed {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch {
    return { text, operations: [], fragments: [] };
  }
  const { definitions } = document;
  return {
    text,
    operations: definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION),
    fragments: definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION),
  };
}

/** Fragments that an operation spreads, and those that these spread, in the order in which they are met. */
function needed(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const met = new Set<FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!fragment || met.has(fragment)) return;
        met.add(fragment);
        follow(fragment);
      },
    });
  };
  follow(operation);
  return [...met];
}

/** An id, where the manifest has one, and a text. */
type Entry = readonly [string | undefined, string];

function manifestEntries(content: string): readonly Entry[] | undefined {
  let manifest: unknown;
  try {
    manifest = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const { operations } = manifest as { operations?: unknown };
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(operations)
    ? operations.map((one: { id?: unknown; body?: unknown } | null) => [one?.id, one?.body] as const)
    : Object.entries(manifest);
  return entries.length > 0 && entries.every(isEntry) ? entries : undefined;
}

function isEntry(entry: readonly [unknown, unknown]): entry is Entry {
  const [id, text] = entry;
  return (id === undefined || typeof id === 'string') && typeof text === 'string' && /[{]/.test(text);
}
