/** Holds the import table of docs/architecture.md: who may import whom. Prints each import that breaks it and exits with 1. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOP = ['air', 'schema', 'platform', 'ingest', 'subgraphs', 'gateway', 'app', 'web', 'sdk', 'tools'] as const;
const SUBGRAPH = /^subgraphs\/([^/]+)\//;
const TEST = /\.(test|services|e2e|browser)\.ts$|\/contract\.ts$|\/fixtures\//;

/** A store's own engine, which may speak to a database by way of the platform's connection to it. */
const STORE_ENGINE = /^subgraphs\/[^/]+\/store\/(?!port\.ts$)[^/]+\.ts$/;
const CONNECTION = /^platform\/documents\/mongo\/connection\.ts$/;

export interface Import {
  /** Path of the importing file from the root, with forward slashes. */
  readonly from: string;
  /** Path of the imported file from the root, or the name of a package. */
  readonly to: string;
  readonly line: number;
}

/** Why an import is not allowed, or undefined when it is. */
export function breach({ from, to }: Pick<Import, 'from' | 'to'>): string | undefined {
  const own = SUBGRAPH.exec(from)?.[1];
  const target = TOP.find((folder) => to.startsWith(`${folder}/`));
  if (TEST.test(from) && !/^(app|tools)\//.test(from)) return target === 'app' ? 'nobody imports app/' : undefined;
  if (from.startsWith('app/e2e/oracle/'))
    return allow(to, ['app/e2e/oracle/', 'node:'], 'what the platform is compared with imports nothing of it');
  if (from.startsWith('app/') || from.startsWith('tools/')) return undefined;
  if (target === 'app' || target === 'tools') return `nobody imports ${target}/`;
  if (from.startsWith('sdk/'))
    return allow(to, ['sdk/'], 'sdk/ is used by others alone: it imports itself and needs no package');
  if (from.startsWith('air/')) return target === 'air' ? undefined : 'air/ imports only itself';
  if (from.startsWith('schema/'))
    return allow(to, ['air/', 'schema/', 'zod', 'graphql', 'node:'], 'schema/ imports air/ and zod');
  if (/\/domain\//.test(from) && own)
    return allow(to, [`subgraphs/${own}/domain/`, 'air/'], 'domain/ imports its own domain and air/');
  if (from.startsWith('web/')) {
    return target === undefined || target === 'web' || target === 'air'
      ? undefined
      : 'web/ imports air/ and its own types';
  }
  if (from.startsWith('platform/')) {
    return target === undefined || ['platform', 'air', 'schema'].includes(target)
      ? undefined
      : 'platform/ imports platform/, air/ and schema/';
  }
  if (target === undefined) return undefined;
  return betweenParts(from, to, own);
}

function betweenParts(from: string, to: string, own: string | undefined): string | undefined {
  const home = own ? `subgraphs/${own}/` : `${from.split('/')[0]}/`;
  if (to.startsWith(home) || to.startsWith('air/') || to.startsWith('schema/')) return undefined;
  if (!to.startsWith('platform/'))
    return own ? 'a subgraph never imports another part' : `${home} imports schema/, air/ and platform/ ports`;
  if (STORE_ENGINE.test(from) && CONNECTION.test(to)) return undefined;
  if (isAdapter(to)) return 'only app/ imports an adapter';
  return undefined;
}

function allow(to: string, prefixes: readonly string[], rule: string): string | undefined {
  return prefixes.some((prefix) => to === prefix || to.startsWith(prefix)) ? undefined : rule;
}

/** Ports, and what is not an engine's adapter, may be imported by name; the rest of platform/ is adapters. */
function isAdapter(path: string): boolean {
  return !(
    /\/port\.ts$/.test(path) ||
    /^platform\/(errors|clock\/in-time|graphql\/[^/]+|device-directory\/[^/]+|audit-log\/[^/]+)\.ts$/.test(path)
  );
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (['node_modules', 'dist', 'generated'].includes(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.(ts|tsx)$/.test(entry.name)) yield path;
  }
}

function target(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(ROOT, resolve(ROOT, dirname(from), specifier))
      .split(sep)
      .join('/');
  const own = /^@greencity\/([^/]+)\/(.+)$/.exec(specifier);
  if (!own) return specifier;
  const folder = ['measurements', 'devices', 'alerts', 'predictions'].includes(own[1] ?? '')
    ? `subgraphs/${own[1]}`
    : own[1];
  return `${folder}/${own[2]}.ts`;
}

/** Imports of a file, type imports too: a type is knowledge as well. */
export function importsOf(path: string, source: string): readonly Import[] {
  const { module } = parseSync(path, source);
  const line = (offset: number) => source.slice(0, offset).split('\n').length;
  const statics = module.staticImports.map((found) => ({ specifier: found.moduleRequest.value, at: found.start }));
  const exported = module.staticExports.flatMap((statement) =>
    statement.entries.flatMap((entry) =>
      entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, at: statement.start }] : [],
    ),
  );
  const dynamics = module.dynamicImports.flatMap((found) => {
    const literal = /^['"](.+)['"]$/.exec(source.slice(found.moduleRequest.start, found.moduleRequest.end));
    return literal?.[1] ? [{ specifier: literal[1], at: found.start }] : [];
  });
  return [...statics, ...exported, ...dynamics].map(({ specifier, at }) => ({
    from: path,
    to: target(path, specifier),
    line: line(at),
  }));
}

function main(): void {
  let files = 0;
  let breaches = 0;
  for (const folder of TOP) {
    for (const path of sourceFiles(folder)) {
      files += 1;
      for (const found of importsOf(path, readFileSync(join(ROOT, path), 'utf8'))) {
        const rule = breach(found);
        if (!rule) continue;
        breaches += 1;
        console.log(`${found.from}:${found.line} imports ${found.to}: ${rule}`);
      }
    }
  }
  console.log(`boundaries: ${files} files, ${breaches} breaches`);
  if (breaches > 0 || files === 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
