import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve, testToken } from './fixtures/served.ts';
import { type SmallCity, smallCity } from './fixtures/small-city.ts';
import { openHttpServer } from './http/server.ts';

let city: SmallCity;
let served: Served;
beforeAll(async () => {
  city = smallCity();
  served = await serve(city.subgraphs);
});
afterAll(() => served?.close());

describe('a query over HTTP', () => {
  it('is joined over the subgraphs', async () => {
    const { status, body } = await served.ask('{ latest { metric value device { id name zone { name } mood } } }');
    expect(status).toBe(200);
    expect(body.data.latest[1]).toEqual({
      metric: 'PM2_5',
      value: 12.5,
      device: { id: 'b', name: 'Device b', zone: { name: 'Zone' }, mood: 'b is fine' },
    });
  });

  it('asks for an entity that stands in several places once', async () => {
    city.resolved.clear();
    const { body } = await served.ask('{ latest { device { id name } } }');
    expect(body.data.latest.map(({ device }: { device: { id: string } }) => device.id)).toEqual(['a', 'b', 'a']);
    expect(city.resolved.get('device')).toBe(2);
  });

  it('fills in defaults of variables and arguments', async () => {
    const query =
      'query ($how: String = "well", $count: Int! = 1) { many(count: $count) { device { mood(how: $how) } } }';
    expect((await served.ask(query)).body.data).toEqual({ many: [{ device: { mood: 'd0 is well' } }] });
    expect((await served.ask(query, { how: null })).body.data).toEqual({ many: [{ device: { mood: 'd0 is null' } }] });
  });

  it('answers introspection, whole and in part', async () => {
    const whole = await served.ask(getIntrospectionQuery());
    expect(whole.body.errors).toBeUndefined();
    expect(whole.body.data.__schema.queryType.name).toBe('Query');
    const part = 'query ($name: String!) { __typename t: __type(name: $name) { kind } device(id: "a") { __typename } }';
    expect((await served.ask(part, { name: 'Zone' })).body.data).toEqual({
      __typename: 'Query',
      t: { kind: 'OBJECT' },
      device: { __typename: 'Device' },
    });
  });

  it('works by GET, too, for a client that shows that it is no form of another site', async () => {
    const url = `${served.url}/graphql?query=${encodeURIComponent('{ device(id: "a") { name } }')}`;
    const refused = await fetch(url);
    expect(refused.status).toBe(400);
    const answer = await fetch(url, { headers: { 'apollo-require-preflight': 'true' } });
    expect(await answer.json()).toEqual({ data: { device: { name: 'Device a' } } });
    const mutation = `${served.url}/graphql?query=${encodeURIComponent('mutation { record(values: [1]) }')}`;
    expect((await fetch(mutation, { headers: { 'apollo-require-preflight': 'true' } })).status).toBe(405);
  });
});

describe('what goes wrong in a query', () => {
  it('is placed in the response, with the subgraph that it went wrong in', async () => {
    const { body } = await served.ask('{ latest { device { secret } } }');
    expect(body.data.latest[2]).toEqual({ device: { secret: null } });
    expect(body.errors.map(({ path }: { path: unknown }) => path)).toContainEqual(['latest', 2, 'device', 'secret']);
    expect(body.errors[0].extensions).toEqual({ code: 'FORBIDDEN', serviceName: 'devices' });
  });

  it('is masked and logged once when nobody foresaw it', async () => {
    const before = served.log.entries.length;
    const { body } = await served.ask('{ latest { device { broken } } }');
    expect(body.data.latest[0]).toEqual({ device: { broken: null } });
    expect(JSON.stringify(body)).not.toContain('secret=42');
    const { requestId } = body.errors[0].extensions;
    const logged = served.log.entries.slice(before).filter(({ level }) => level === 'error');
    // Devices a and b; the second reading of a is the same error.
    expect(logged).toHaveLength(2);
    expect(logged[0]?.attributes).toMatchObject({ requestId, subgraph: 'devices' });
  });

  it('names the field at fault', async () => {
    const { body } = await served.ask('mutation { rename(id: "a", name: "") { id } }');
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'name', serviceName: 'devices' });
    expect(body.data).toBeNull();
  });

  it('names the variable at fault, and executes nothing', async () => {
    const { status, body } = await served.ask('query ($count: Int!) { many(count: $count) { metric } }', {
      count: 'x',
    });
    expect(status).toBe(400);
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'count' });
    expect(body.data).toBeUndefined();
  });

  it('makes the parent null where the schema allows no null, and says so once', async () => {
    const { body } = await served.ask('{ of(id: "nobody") { metric device { name zone { name } } } }');
    expect(body.data).toEqual({ of: null });
    expect(body.errors).toEqual([
      {
        message: 'Cannot return null for non-nullable field Device.name.',
        path: ['of', 'device', 'name'],
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
  });

  it('blanks what a failing subgraph adds, and not what others know', async () => {
    const { body } = await served.ask('{ of(id: "dead") { metric device { id mood secret } } }');
    expect(body.data).toEqual({ of: { metric: 'PM2_5', device: { id: 'dead', mood: 'dead is fine', secret: null } } });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({ path: ['of', 'device'], extensions: { serviceName: 'devices' } });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('cannot reach the prototype of anything', async () => {
    const { body } = await served.ask(
      '{ __proto__: device(id: "a") { constructor: name __proto__: zone { toString: name } } }',
    );
    expect(JSON.stringify(body)).toBe(
      '{"data":{"__proto__":{"constructor":"Device a","__proto__":{"toString":"Zone"}}}}',
    );
    const failing = await served.ask('{ __proto__: device(id: "a") { hasOwnProperty: secret } }');
    expect(failing.body.errors[0].path).toEqual(['__proto__', 'hasOwnProperty']);
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});

describe('limits over HTTP', () => {
  const code = async (query: string) => (await served.ask(query)).body.errors[0].extensions.code;

  it('hold for length, tokens, depth, aliases, directives, root fields and selections next to each other', async () => {
    expect(await code(`{ device(id: "${'a'.repeat(16 * 1024)}") { id } }`)).toBe('TOO_COSTLY');
    expect(await code(`{ ${'__typename '.repeat(1_001)} }`)).toBe('TOO_COSTLY');
    expect((await served.ask(`{ device(id: "a") { ${'name '.repeat(100)} } }`)).status).toBe(200);
    expect(await code(`{ device(id: "a") { ${'name '.repeat(101)} } }`)).toBe('TOO_COSTLY');
    expect(await code(`{ device(id: "a") { name ${'@skip(if: false) '.repeat(51)} } }`)).toBe('TOO_COSTLY');
    let deep = 'id';
    for (let level = 0; level < 7; level += 1) deep = `latest { device { ${deep} } }`;
    expect(await code(`{ device(id: "a") { ${deep} } }`)).toBe('TOO_COSTLY');
    const aliases = Array.from({ length: 31 }, (_, index) => `a${index}: name`).join(' ');
    expect(await code(`{ device(id: "a") { ${aliases} } }`)).toBe('TOO_COSTLY');
    expect(await code(`{ ${Array.from({ length: 21 }, (_, index) => `a${index}: __typename`).join(' ')} }`)).toBe(
      'TOO_COSTLY',
    );
    const fragments = 'fragment A on Device { x: name y: name } fragment B on Device { ...A ...A ...A ...A ...A ...A }';
    expect(await code(`{ device(id: "a") { ...B latest { device { ...B ...B } } } } ${fragments}`)).toBe('TOO_COSTLY');
  });

  it('hold for what the schema says of itself, too', async () => {
    const aliases = Array.from({ length: 31 }, (_, index) => `a${index}: types { name }`).join(' ');
    expect(await code(`{ __schema { ${aliases} } }`)).toBe('TOO_COSTLY');
    expect(
      await code(`{ ${Array.from({ length: 20 }, (_, index) => `a${index}: __schema { types { name } }`).join(' ')} }`),
    ).toBe('TOO_COSTLY');
  });

  it('refuse an operation that is not there by name, and JSON that is nested without end', async () => {
    const post = async (body: string) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${served.url}/graphql`, { method: 'POST', headers, body });
      return { status: response.status, text: await response.text() };
    };
    for (const operationName of ['constructor', '__proto__', 'b']) {
      const refused = await post(JSON.stringify({ query: 'query a { __typename }', operationName }));
      expect([refused.status, JSON.parse(refused.text).errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    }
    const deep = await post(`{"query":"{ __typename }","variables":{"a":${'['.repeat(200)}${']'.repeat(200)}}}`);
    expect([deep.status, JSON.parse(deep.text).code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it('hold for the size of the body, which a thousand measurements fit into', async () => {
    const item = {
      deviceId: '123e4567-e89b-12d3-a456-426614174000',
      metric: 'SIGNAL_STRENGTH',
      value: -123.456,
      time: '2026-11-23T10:00:00.000Z',
    };
    const fits = JSON.stringify({
      query: '{ __typename }',
      variables: { input: Array.from({ length: 1_000 }, () => item) },
    });
    const post = (body: string) =>
      fetch(`${served.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect((await post(fits)).status).toBe(200);
    expect((await post(`{"query":"${' '.repeat(256 * 1024)}"}`)).status).toBe(413);
  });

  it('refuse a subscription that is not asked for as a stream', async () => {
    const { status, body } = await served.ask('subscription { reading { metric } }');
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [{ message: expect.stringContaining('text/event-stream'), extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('refuse a batch, a form and what is not JSON', async () => {
    const post = (body: string | Buffer, type: string) =>
      fetch(`${served.url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await post('[{"query":"{ __typename }"}]', 'application/json')).status).toBe(400);
    expect((await post('{"query":"{ __typename }"}', 'text/plain')).status).toBe(400);
    expect((await post('{"query":', 'application/json')).status).toBe(400);
    const wrongBytes = [Buffer.from('{"query":"{ __typename } #'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')];
    const notUtf8 = await post(Buffer.concat(wrongBytes), 'application/json');
    expect([notUtf8.status, await notUtf8.json()]).toEqual([
      400,
      { type: 'about:blank', status: 400, title: 'What was sent is not UTF-8.', code: 'BAD_USER_INPUT' },
    ]);
    expect((await fetch(`${served.url}/graphql`, { method: 'DELETE' })).status).toBe(405);
  });

  it('end an operation that takes too long, and keep what is there', async () => {
    const slow = smallCity();
    const [devices] = slow.subgraphs;
    const never = { ...devices?.resolvers['Device'], __resolveReference: () => new Promise(() => undefined) };
    const subgraphs = slow.subgraphs.map((subgraph) =>
      subgraph === devices ? { ...subgraph, resolvers: { ...subgraph.resolvers, Device: never } } : subgraph,
    );
    await using late = await serve(subgraphs);
    const answer = late.gateway.execute('{ device(id: "a") { name } many(count: 1) { metric device { id secret } } }');
    await new Promise((resolve) => setImmediate(resolve));
    await late.clock.advance(16_000);
    const { data, errors } = await answer;
    expect(data).toBe('{"device":{"name":"Device a"},"many":[{"metric":"PM2_5","device":{"id":"d0","secret":null}}]}');
    expect(errors[0]?.extensions).toEqual({ code: 'UNAVAILABLE', serviceName: 'devices' });
  });
});

describe('who asks', () => {
  it('is refused with 401 when the token is not valid', async () => {
    const { status, body } = await served.ask('{ __typename }', {}, { authorization: 'Bearer forged' });
    expect(status).toBe(401);
    expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is taken from the token', async () => {
    const { status } = await served.ask('{ __typename }', {}, { authorization: `Bearer ${testToken('u')}` });
    expect(status).toBe(200);
  });
});

describe('the HTTP server', () => {
  it('says which setting to change when the port is taken', async () => {
    const port = Number(new URL(served.url).port);
    const options = { host: '127.0.0.1', port, handler: () => undefined, upgrade: () => undefined, log: served.log };
    await expect(openHttpServer(options)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      subject: `${port}: set PORT to another port`,
    });
  });

  it('answers elsewhere with problems, pages and probes', async () => {
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`${served.url}${path}`, { method, redirect: 'manual' });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    };
    expect(await get('/nothing')).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(await get('/live', 'POST')).toMatchObject({ status: 405, type: 'application/problem+json' });
    expect(await get('/live')).toMatchObject({ status: 200 });
    expect(await get('/ready')).toMatchObject({ status: 200 });
    expect((await get('/metrics')).text).toContain('gateway_web_sockets');
    expect(await get('/')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') });
    expect(await get('/.well-known/jwks.json')).toMatchObject({ status: 404 });
    expect((await fetch(`${served.url}/live`)).headers.get('content-security-policy')).toContain(
      "worker-src 'self' blob:",
    );
  });

  it('answers what it cannot read with a problem', async () => {
    const say = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(Number(new URL(served.url).port), '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => (answer += data)).on('close', () => resolve(answer));
      });
    expect(await say('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"status":400/);
    const huge = `GET /?${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await say(huge)).toMatch(/^HTTP\/1\.1 431 [\s\S]*application\/problem\+json[\s\S]*"status":431/);
  });

  it('serves nothing outside the web folder', async () => {
    const path = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(served.url).port), '127.0.0.1', () =>
        socket.write('GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data) => (text += data)).on('close', () => resolve(text));
    });
    expect(path).toContain('404');
    expect((await fetch(`${served.url}/%2e%2e%2f%2e%2e%2fetc%2fpasswd`)).status).toBe(404);
    expect((await fetch(`${served.url}/%00`)).status).toBe(404);
  });
});
