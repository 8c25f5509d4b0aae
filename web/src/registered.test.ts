import { describe, expect, it } from 'vitest';
import { OPERATION_IDS } from './generated/operation-ids.ts';
import { byId, persisted } from './registered.ts';

const BODY = JSON.stringify({ operationName: 'LiveMap', query: 'query LiveMap { a }', variables: { metric: 'PM1' } });

/** A server that answers with these statuses, one after the other. */
function answering(...statuses: readonly number[]) {
  const bodies: string[] = [];
  const fetched = async (_: unknown, init?: RequestInit): Promise<Response> => {
    bodies.push(String(init?.body));
    return new Response('{}', { status: statuses[bodies.length - 1] ?? 500 });
  };
  return { bodies, fetched };
}

describe('an operation of the page', () => {
  it('is sent by its id', async () => {
    const { bodies, fetched } = answering(200);
    await byId('/graphql', { method: 'POST', body: BODY }, fetched);
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { id: OPERATION_IDS['LiveMap'], operationName: 'LiveMap', variables: { metric: 'PM1' } },
    ]);
  });

  it('is sent as text to a platform that does not know it', async () => {
    const { bodies, fetched } = answering(404, 200);
    const response = await byId('/graphql', { method: 'POST', body: BODY }, fetched);
    expect(response.status).toBe(200);
    expect(bodies[1]).toBe(BODY);
  });

  it('must be registered to be subscribed to', () => {
    expect(persisted('MeasurementReceived').persistedQuery.sha256Hash).toMatch(/^[0-9a-f]{64}$/);
    expect(() => persisted('Other')).toThrow('Other is not registered');
  });
});
