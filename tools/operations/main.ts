/** `npm run operations -- push|list|check|activate|deprecate|retire`: the operations that apps have registered. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openApi } from '../operator/api.ts';
import { runProgram } from '../operator/program.ts';
import { findPlatform, UsageError, WHERE_OPTIONS, WHERE_USAGE } from '../operator/where.ts';
import { documentsAt } from './documents.ts';
import { breaches, releasesIn } from './offline.ts';
import { type ListedRelease, releasesAt } from './releases.ts';

const FAILED = 1;
const SCHEMA = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url));
const OPERATIONS = fileURLToPath(new URL('../../schema/operations', import.meta.url));
const USAGE = `Usage: npm run operations -- push PATH APP VERSION [--draft]
       npm run operations -- list [--json]
       npm run operations -- check [FOLDER] [--registered] [--schema FILE]
       npm run operations -- activate APP VERSION
       npm run operations -- deprecate APP VERSION [--sunset 2027-06-01]
       npm run operations -- retire APP VERSION

push registers the operations of a version of an app: the .graphql files of a folder, or a manifest (Apollo's, GraphQL Code
Generator's, or of Relay's compiler with SHA-256). The platform checks them against its schema and limits. A draft may be pushed again with other operations.
list shows every release with its state, and the id of each operation.
check needs no platform: it holds operations in files (schema/operations, or FOLDER of the same form: app/version/*.graphql) against
the schema of this checkout and the limits on size and cost, and names each app and operation that would break. With --registered it does so with what
a running platform holds.
deprecate tells clients that the release is on its way out; retire refuses its operations from then on.

  --draft           found only by those who may ask freely, until it is activated
  --json            for programs
  --schema FILE     another schema or supergraph to check against; costs are those that it declares
  --sunset TIME     when it is to be retired
${WHERE_USAGE}`;

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...WHERE_OPTIONS,
      draft: { type: 'boolean' },
      json: { type: 'boolean' },
      registered: { type: 'boolean' },
      schema: { type: 'string' },
      sunset: { type: 'string' },
    },
  });
  const [task = '', ...rest] = positionals;
  return { task, rest, values };
}

type Values = ReturnType<typeof readArguments>['values'];

function registry(values: Values) {
  const { url, credentials } = findPlatform(values, process.env);
  return releasesAt(url, openApi(url, credentials));
}

/** The app and version of a command line. */
function named(rest: readonly string[]): readonly [string, string] {
  const [app, version, ...more] = rest;
  if (app === undefined || version === undefined || more.length > 0) throw new UsageError('Say which: APP VERSION.');
  return [app, version];
}

async function push(rest: readonly string[], values: Values): Promise<number> {
  const [path, ...which] = rest;
  if (path === undefined) throw new UsageError('Say what to push: PATH APP VERSION.');
  const [app, version] = named(which);
  const operations = await documentsAt(path);
  const release = await registry(values).push(app, version, { operations, state: values.draft ? 'draft' : 'active' });
  process.stdout.write(text(release));
  return 0;
}

async function list(values: Values): Promise<number> {
  const releases = await registry(values).list();
  process.stdout.write(values.json ? `${JSON.stringify(releases, null, 2)}\n` : releases.map(text).join(''));
  return 0;
}

function text({ app, version, state, committed, sunset, operations }: ListedRelease): string {
  const ends = sunset === null ? '' : `, until ${sunset}`;
  const head = `${app} ${version}: ${state}${ends}${committed ? ', comes with the platform' : ''}\n`;
  return head + operations.map(({ id, name }) => `  ${id}  ${name}\n`).join('');
}

async function check(rest: readonly string[], values: Values): Promise<number> {
  const [folder = OPERATIONS, ...more] = rest;
  if (more.length > 0) throw new UsageError('check takes one folder.');
  const listed = values.registered
    ? (await registry(values).list()).filter(({ state }) => state !== 'retired')
    : undefined;
  const releases = listed ?? (await releasesIn(folder));
  const found = breaches(await readFile(values.schema ?? SCHEMA, 'utf8'), releases);
  for (const { app, version, operation, mistakes } of found)
    process.stdout.write(
      `${app} ${version} breaks: ${operation}\n${mistakes.map((mistake) => `  ${mistake}\n`).join('')}`,
    );
  const count = releases.reduce((sum, { operations }) => sum + operations.length, 0);
  process.stdout.write(`${count} operations of ${releases.length} releases, ${found.length} broken.\n`);
  if (count === 0) throw new UsageError(`There are no operations in ${folder}: app/version/*.graphql is looked for.`);
  return found.length > 0 ? FAILED : 0;
}

async function move(
  state: 'active' | 'deprecated' | 'retired',
  rest: readonly string[],
  values: Values,
): Promise<number> {
  const [app, version] = named(rest);
  const sunset = values.sunset === undefined ? {} : { sunset: values.sunset };
  process.stdout.write(text(await registry(values).move(app, version, { state, ...sunset })));
  return 0;
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const { task, rest, values } = readArguments(args);
    switch (task) {
      case 'push':
        return await push(rest, values);
      case 'list':
        return await list(values);
      case 'check':
        return await check(rest, values);
      case 'activate':
        return await move('active', rest, values);
      case 'deprecate':
        return await move('deprecated', rest, values);
      case 'retire':
        return await move('retired', rest, values);
      default:
        throw new UsageError('Say what to do: push, list, check, activate, deprecate or retire.');
    }
  },
});
