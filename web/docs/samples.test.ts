import { describe, expect, it } from 'vitest';
import type { OpenApi } from './open-api.ts';
import { resolved, sampleOf, typeText } from './open-api.ts';
import { addressOf, exampleValues, sampleIn } from './samples.ts';

const PARAMETERS = [
  { name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: 'rome 14' },
  { name: 'states', in: 'query', required: false, schema: { type: 'array' }, example: ['FIRING'] },
  { name: 'from', in: 'query', required: true, schema: { type: 'string' }, example: '2026-11-23T00:00:00Z' },
] as const;

describe('the address of a call', () => {
  it('begins with the examples of what must be given', () => {
    const endpoint = { path: '/devices/{id}', parameters: PARAMETERS };
    const values = exampleValues(endpoint, {});
    expect(values).toEqual({ id: 'rome 14', from: '2026-11-23T00:00:00Z' });
    expect(addressOf(endpoint, values, '/api/v1')).toBe('/api/v1/devices/rome%2014?from=2026-11-23T00:00:00Z');
    expect(exampleValues(endpoint, { devices: 'sim-001' })['id']).toBe('sim-001');
  });

  it('holds no quote that would end the text of a sample', () => {
    const parameters = [{ ...PARAMETERS[2], name: 'search' }];
    expect(addressOf({ path: '/devices', parameters }, { search: "O'Brien & co" }, '')).toBe(
      '/devices?search=O%27Brien%20%26%20co',
    );
  });

  it('keeps the name of what is missing in its path, and the commas of a list', () => {
    const values = { states: 'FIRING,RESOLVED' };
    expect(addressOf({ path: '/devices/{id}', parameters: PARAMETERS }, values, '')).toBe(
      '/devices/{id}?states=FIRING,RESOLVED',
    );
  });
});

describe('a sample', () => {
  const get = { method: 'GET', url: 'http://localhost/api/v1/zones', body: undefined, needsToken: false };
  const post = { method: 'POST', url: 'http://localhost/x', body: '{"comment":"seen"}', needsToken: true };

  it('in curl is one command', () => {
    expect(sampleIn('curl', get)).toBe("curl -s 'http://localhost/api/v1/zones'");
    expect(sampleIn('curl', post)).toBe(
      `curl -s -X POST 'http://localhost/x' \\\n  -H "authorization: Bearer $TOKEN" \\\n  -H 'content-type: application/json' \\\n  -d '{"comment":"seen"}'`,
    );
  });

  it('in JavaScript and Python needs nothing but the language', () => {
    expect(sampleIn('JavaScript', post)).toContain('body: JSON.stringify({"comment":"seen"})');
    expect(sampleIn('Python', post)).toContain(`data=b'{"comment":"seen"}'`);
    expect(sampleIn('JavaScript', post)).toContain("'Bearer ' + process.env.TOKEN");
    expect(sampleIn('Python', post)).toMatch(/^import os\n/);
    expect(sampleIn('Python', get)).toContain('Request("http://localhost/api/v1/zones")');
  });
});

describe('a schema', () => {
  const document = {
    components: { schemas: { Metric: { type: 'string', enum: ['PM1', 'PM10'], description: 'What.' } } },
  } as unknown as OpenApi;
  const metric = { allOf: [{ $ref: '#/components/schemas/Metric' }], nullable: true };

  it('is followed to what it refers to', () => {
    expect(resolved(metric, document)).toMatchObject({ type: 'string', nullable: true, description: 'What.' });
    expect(typeText({ type: 'array', items: metric }, document)).toBe('list, with commas, of one of a list');
    expect(typeText({ type: 'integer', minimum: 1, maximum: 200 }, document)).toBe('whole number, 1 to 200');
  });

  it('gives a made-up answer', () => {
    const schema = { type: 'object', properties: { metric, at: { type: 'string', format: 'date-time' } } };
    expect(sampleOf(schema, document)).toEqual({ metric: 'PM1', at: '2026-11-23T10:00:00.000Z' });
  });
});
