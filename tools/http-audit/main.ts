/**
 * `npm run audit:http`: what tools made by others say of the HTTP surface. Starts a platform on free ports with a small simulated city,
 * runs the audit of GraphQL over HTTP and Schemathesis against it, and ends it.
 */
import { type Platform, startPlatform } from '@greencity/app/e2e/platform';
import { runProgram } from '../operator/program.ts';
import { auditGraphqlHttp } from './graphql-http.ts';
import { findSchemathesis, runSchemathesis } from './schemathesis.ts';

const USAGE = `Usage: npm run audit:http -- [--seed N]

Starts a platform on free ports and runs against it
  - the server audit of graphql-http: GraphQL over HTTP;
  - Schemathesis, where there is Python 3.10 or later: /api/v1/openapi.json with and without a token,
    and /graphql with and without an API key that may do everything. It is installed into a cache.
Ends with "N passed, N failed".`;

const CITY = { DEMO: 'on', DEMO_NODES: '8', DEMO_HISTORY_HOURS: '6', LOG_LEVEL: 'error' };

const KEY = `mutation ($expiresAt: DateTime!, $scopes: [String!]!) {
  createApiKey(input: { name: "Audit", scopes: $scopes, expiresAt: $expiresAt, dailyQuota: 1000000 }) { text } }`;
/** All that an API key may do: it signs out nobody, itself least of all. */
const SCOPES = ['admin:*', 'devices:manage', 'devices:own', 'alerts:manage', 'alerts:ack', 'partners:webhook'];
const DAY_MS = 86_400_000;

async function apiKey(platform: Platform): Promise<string> {
  const variables = { scopes: SCOPES, expiresAt: new Date(Date.now() + DAY_MS).toISOString() };
  const { data, errors } = await platform.graphql(KEY, variables);
  if (errors) throw new Error(`no API key: ${JSON.stringify(errors)}`);
  return data.createApiKey.text;
}

interface Tally {
  passed: number;
  failed: number;
}

function note(tally: Tally, what: string, good: boolean): void {
  if (good) tally.passed += 1;
  else tally.failed += 1;
  console.log(`== ${what}: ${good ? 'passed' : 'FAILED'}\n`);
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const seed = Number(args[args.indexOf('--seed') + 1] ?? 1) || 1;
    const tally: Tally = { passed: 0, failed: 0 };
    await using platform = await startPlatform({ env: CITY });
    const { ok, notices, warnings, errors } = await auditGraphqlHttp(`${platform.url}/graphql`);
    for (const [level, findings] of Object.entries({ notice: notices, warning: warnings, ERROR: errors }))
      for (const finding of findings) console.log(`${level}: ${finding}`);
    console.log(`${ok} ok, ${notices.length} notices, ${warnings.length} warnings, ${errors.length} errors`);
    note(tally, 'graphql-http', errors.length === 0);
    const found = await findSchemathesis();
    if ('missing' in found) {
      console.log(`SKIPPED: Schemathesis, for ${found.missing}.\n`);
    } else {
      const { python } = found;
      const token = await platform.token();
      const openApi = `${platform.url}/api/v1/openapi.json`;
      note(tally, 'Schemathesis on REST', await runSchemathesis(python, { url: openApi, seed }));
      note(tally, 'Schemathesis on REST, signed in', await runSchemathesis(python, { url: openApi, token, seed }));
      const url = `${platform.url}/graphql`;
      note(tally, 'Schemathesis on GraphQL', await runSchemathesis(python, { url, seed }));
      const key = await apiKey(platform);
      note(tally, 'Schemathesis on GraphQL, with a key', await runSchemathesis(python, { url, token: key, seed }));
    }
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    return tally.failed === 0 ? 0 : 1;
  },
});
