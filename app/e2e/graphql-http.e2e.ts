/** GraphQL over HTTP as others understand it: the server audit of the graphql-http package. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditGraphqlHttp } from '../../tools/http-audit/graphql-http.ts';
import { type Platform, startPlatform } from './platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.[Symbol.asyncDispose]());

describe('the graph over HTTP', () => {
  it('passes the audit without an error', async () => {
    const { ok, errors } = await auditGraphqlHttp(`${platform.url}/graphql`);
    expect(errors).toEqual([]);
    expect(ok).toBeGreaterThan(40);
  });
});
