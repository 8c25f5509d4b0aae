/** The operations that the web client sends, as a release of its app: made from what GraphQL Code Generator has found in its source. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameIn } from '@greencity/gateway/operations/committed';

export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

const PERSISTED = 'web/src/generated/persisted-documents.json';

/** The client's generated files, with its registration and the ids of its operations by name in the place of the list of both. */
export function withRegistration(root: string, web: readonly GeneratedFile[]): readonly GeneratedFile[] {
  const persisted = web.find(({ path }) => path === PERSISTED);
  if (!persisted) return web;
  const operations = Object.entries(JSON.parse(persisted.content) as Record<string, string>)
    .map(([id, text]) => ({ id: id.replace(/^sha256:/, ''), text, name: nameIn(text) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const folder = registrationFolder(root);
  return [
    ...web.filter((file) => file !== persisted),
    { path: 'web/src/generated/operation-ids.ts', content: idsModule(operations) },
    ...operations.map(({ name, text }) => ({ path: `${folder}/${kebab(name)}.graphql`, content: `${text}\n` })),
  ];
}

/** Files of the registration that are no longer generated: operations that the client has stopped sending. */
export function leftOver(root: string, generated: readonly GeneratedFile[]): readonly string[] {
  const folder = registrationFolder(root);
  if (!existsSync(join(root, folder))) return [];
  const kept = new Set(generated.map(({ path }) => path));
  return readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.endsWith('.graphql') && !kept.has(path));
}

function registrationFolder(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'web/package.json'), 'utf8')) as { version: string };
  return `schema/operations/web/${version}`;
}

function idsModule(operations: readonly { readonly id: string; readonly name: string }[]): string {
  const ids = operations.map(({ name, id }) => `  ${name}: '${id}',\n`).join('');
  return `/** Ids of the operations that the client sends, by name. */\nexport const OPERATION_IDS: Readonly<Record<string, string>> = {\n${ids}};\n`;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
