import type { ServerResponse } from 'node:http';
import type { Scope } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { describe, expect, it } from 'vitest';
import { remoteCity } from '../../fixtures/remote-city.ts';
import { until } from '../../fixtures/until.ts';

const JOIN = '{ latest { metric device { id name mood } } }';
const WHOLE = {
  latest: ['a', 'b', 'a'].map((id) => ({
    metric: 'PM2_5',
    device: { id, name: `Device ${id}`, mood: `${id} is fine` },
  })),
};
/** `name` is non-null in devices: what fails there takes the device, and its place in the answer, with it. */
const OWN = '{ latest { metric device { id secret mood } } }';
const WITHOUT_DEVICES = {
  latest: ['a', 'b', 'a'].map((id) => ({ metric: 'PM2_5', device: { id, secret: null, mood: `${id} is fine` } })),
};

function json(text: string, type = 'application/json') {
  return (_: unknown, response: ServerResponse) => response.writeHead(200, { 'content-type': type }).end(text);
}

describe('subgraphs in other processes', () => {
  it('are joined as those of this process are', async () => {
    await using city = await remoteCity();
    expect((await city.ask(JOIN)).body).toEqual({ data: WHOLE });
    const { body } = await city.ask('mutation { rename(id: "a", name: "") { id } }');
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'name', serviceName: 'devices' });
  });

  it('are told a document once, and its hash from then on', async () => {
    const bodies: string[] = [];
    await using city = await remoteCity({
      devices(request, response) {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
          bodies.push(body);
          json('{"data":{"device":{"id":"a"}}}')(request, response);
        });
      },
    });
    await city.ask('{ device(id: "a") { id } }');
    await city.ask('{ device(id: "a") { id } }');
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toContain('"query":');
    expect(bodies[1]).not.toContain('"query":');
    expect(bodies[1]).toContain('sha256Hash');
  });

  it('are told a document again when they have become another process', async () => {
    await using city = await remoteCity();
    await city.ask(JOIN);
    await city.port('devices').close();
    await city.restart('devices');
    expect((await city.whileTimePasses(city.ask(JOIN))).body).toEqual({ data: WHOLE });
  });

  it('get fetches of one turn in one request, and answer each as soon as it is there', async () => {
    await using city = await remoteCity();
    const queries = ['a', 'b', 'c'].map((id) => `{ device(id: "${id}") { name } }`);
    const answers = await Promise.all(queries.map((query) => city.gateway.execute(query)));
    expect(answers.map(({ data }) => data)).toEqual(['a', 'b', 'c'].map((id) => `{"device":{"name":"Device ${id}"}}`));
    expect(city.metric('gateway_subgraph_fetches_total')).toBe(3);
    expect(city.metric('gateway_subgraph_requests_total')).toBe(1);
  });

  it('get an equal fetch once, also of operations that are written otherwise, unless others ask for it', async () => {
    await using city = await remoteCity();
    const query = '{ device(id: "a") { name } }';
    const viewer = userViewer('u', 'OPERATOR');
    await Promise.all([
      city.gateway.execute(query),
      city.gateway.execute(`# the same\n${query}`),
      city.gateway.execute(query, { viewer }),
    ]);
    expect(city.metric('gateway_subgraph_shared_fetches_total')).toBe(1);
    expect(city.metric('gateway_subgraph_requests_total')).toBe(2);
  });

  it.each(['', 'query Named '])('get equal fetches of one request once: "%s{ … }"', async (head) => {
    await using city = await remoteCity();
    const { data } = await city.gateway.execute(
      `${head}{ x: of(id: "a") { device { name } } y: of(id: "a") { device { name zone { id } } } z: of(id: "a") { device { name } } }`,
    );
    const device = { name: 'Device a' };
    expect(JSON.parse(data ?? '')).toEqual({
      x: { device },
      y: { device: { ...device, zone: { id: 'z' } } },
      z: { device },
    });
    expect(city.metric('gateway_subgraph_fetches_total')).toBe(4);
    expect(city.metric('gateway_subgraph_shared_fetches_total')).toBe(1);
    expect(city.city.resolved.get('device')).toBe(2);
  });

  it('never share a fetch between those who may see something else', async () => {
    await using city = await remoteCity();
    const keyOf = (scopes: readonly Scope[]) => ({ kind: 'key', keyId: 'k', userId: 'u', scopes }) as const;
    const viewers = [
      { kind: 'anonymous' },
      userViewer('u', 'OPERATOR'),
      userViewer('u', 'ADMIN'),
      userViewer('v', 'OPERATOR'),
      keyOf(['devices:manage']),
      keyOf([]),
    ] as const;
    const join = Promise.withResolvers<void>();
    city.city.wait = join.promise;
    const asked = viewers.flatMap((viewer) =>
      [1, 2].map(() => city.gateway.execute('{ device(id: "a") { name } }', { viewer })),
    );
    await until(() => city.city.resolved.get('device') === viewers.length);
    join.resolve();
    for (const { data } of await Promise.all(asked)) expect(data).toBe('{"device":{"name":"Device a"}}');
    expect(city.city.resolved.get('device')).toBe(viewers.length);
  });
});

describe('a subgraph that fails', () => {
  it.each([
    ['is not there', (_: unknown, response: ServerResponse) => response.destroy(), 'broke off'],
    ['answers with HTML', json('<html></html>', 'text/html'), 'gave no answer that can be read'],
    ['answers with half a JSON', json('{"data":{"_entit'), 'gave no answer that can be read'],
    ['answers with a list', json('[]'), 'gave no answer that can be read'],
    ['answers with errors that are none', json('{"errors":[{"path":"x"}]}'), 'gave no answer that can be read'],
    [
      'answers with a status of its own',
      (_: unknown, response: ServerResponse) => response.writeHead(503).end('{}'),
      'is failing',
    ],
    ['does not know our signature', (_: unknown, response: ServerResponse) => response.writeHead(401).end(), 'refused'],
    ['answers with too much', json(`{"data":{"x":"${'y'.repeat(5_000)}"}}`), 'answered with too much'],
    [
      'ends in the middle',
      (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":');
        setImmediate(() => response.destroy());
      },
      'broke off',
    ],
  ] as const)('because it %s blanks what it owns, and is named', async (_, devices, words) => {
    await using city = await remoteCity({ devices, settings: { answerBytesMax: 4_000 } });
    const { body } = await city.whileTimePasses(city.ask(OWN));
    expect(body.data).toEqual(WITHOUT_DEVICES);
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({
      path: ['latest'],
      extensions: { code: 'UNAVAILABLE', serviceName: 'devices' },
    });
    expect(body.errors[0].message).toContain(`devices ${words}`);
  });

  it.each([
    ['too few entities', '{"data":{"_entities":[]}}'],
    ['no data', '{"data":null}'],
    ['a number for the entities', '{"data":{"_entities":7}}'],
  ])('by giving %s blanks what it owns', async (_, answer) => {
    await using city = await remoteCity({ devices: json(answer) });
    const { body } = await city.ask(OWN);
    expect(body.data).toEqual(WITHOUT_DEVICES);
    expect(body.errors[0].extensions.serviceName).toBe('devices');
  });

  it.each([
    ['an object', '{"x":1}', 'Device.secret is no String, but of the kind object.'],
    [
      'an object that cannot be written',
      '{"toString":1,"valueOf":1}',
      'Device.secret is no String, but of the kind object.',
    ],
    ['a list', '["x"]', 'Device.secret is no String, but a list.'],
    ['a number', '7', 'Device.secret is no String, but of the kind number.'],
  ])('by giving %s for a text blanks that, and the log says what it was', async (_, value, words) => {
    await using city = await remoteCity({
      devices: json(`{"data":{"_entities":[{"secret":${value}},{"secret":"b"}]}}`),
    });
    const { body } = await city.ask(OWN);
    const [a, b] = WITHOUT_DEVICES.latest;
    const whole = { ...b, device: { ...b?.device, secret: 'b' } };
    expect(body.data).toEqual({ latest: [a, whole, a] });
    const places = [0, 2].map((index) => ['latest', index, 'device', 'secret']);
    expect(body.errors.map(({ path }: { path: unknown }) => path)).toEqual(places);
    const [{ message, extensions }] = body.errors;
    expect(extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) });
    expect(message).toContain(extensions.requestId);
    const logged = city.log.entries.filter(({ level }) => level === 'error');
    expect(logged.map(({ attributes }) => [attributes['requestId'], String(attributes['error'])])).toEqual([
      [extensions.requestId, `Error: ${words}`],
    ]);
  });

  it.each<[string, string, string, readonly (string | number)[]]>([
    ['a text for an object', '{ device(id: "a") { zone { id } } }', '{"device":{"zone":"z"}}', ['device', 'zone']],
    ['an object for a list', '{ devices { id } }', '{"devices":{"id":"a"}}', ['devices']],
    ['a list for an object', '{ devices { id } }', '{"devices":[[{"id":"a"}]]}', ['devices', 0]],
    ['a truth for an ID', '{ devices { id } }', '{"devices":[{"id":true}]}', ['devices', 0, 'id']],
    ['a null where none may stand', '{ devices { id } }', '{"devices":[{"id":"a"},{"id":null}]}', ['devices', 1, 'id']],
  ])('by giving %s fails there, and harms nothing beside it', async (_, query, data, path) => {
    await using city = await remoteCity({ devices: json(`{"data":${data}}`) });
    const [{ body }, beside] = await Promise.all([city.ask(query), city.ask('{ latest { metric } }')]);
    expect(body.errors).toMatchObject([{ path }]);
    expect(beside.body.errors).toBeUndefined();
  });

  it('does nothing by fields that nobody asked for', async () => {
    const entities = '[{"name":"A","__proto__":{"polluted":true},"metric":"x"},{"name":"B"}]';
    await using city = await remoteCity({ devices: json(`{"data":{"_entities":${entities}},"extra":1}`) });
    const { body } = await city.ask('{ latest { metric device { name } } }');
    expect(body).toEqual({
      data: { latest: ['A', 'B', 'A'].map((name) => ({ metric: 'PM2_5', device: { name } })) },
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('by being late is cut off when the fetch has had its time', async () => {
    await using city = await remoteCity({ devices: () => undefined, settings: { fetchMs: 2_000 } });
    const asked = city.whileTimePasses(city.ask(OWN), 100);
    const { body } = await asked;
    expect(body.data).toEqual(WITHOUT_DEVICES);
    expect(body.errors[0].message).toContain('devices did not answer in time');
    expect(city.clock.nowMs()).toBeLessThan(Date.UTC(2026, 10, 24) + 3_000);
  });

  it('for a moment is asked again, but never for a mutation', async () => {
    let requests = 0;
    await using city = await remoteCity({
      devices(request, response) {
        requests += 1;
        if (requests === 1) response.writeHead(503).end();
        else json('{"data":{"device":{"name":"A"}}}')(request, response);
      },
    });
    const { body } = await city.whileTimePasses(city.ask('{ device(id: "a") { name } }'));
    expect(body).toEqual({ data: { device: { name: 'A' } } });
    requests = 0;
    const renamed = await city.whileTimePasses(city.ask('mutation { rename(id: "a", name: "x") { name } }'));
    expect(renamed.body.errors[0].extensions.code).toBe('UNAVAILABLE');
    expect(requests).toBe(1);
  });

  it('too often is left alone, and probed until it is well again', async () => {
    let well = false;
    let requests = 0;
    await using city = await remoteCity({
      devices(request, response) {
        requests += 1;
        if (well) json('{"data":{"device":{"name":"A"}}}')(request, response);
        else response.writeHead(500).end();
      },
      settings: { retriesMax: 0 },
    });
    const ask = (id: string) => city.ask(`{ device(id: "${id}") { name } }`);
    for (let count = 0; count < 5; count += 1) await ask(String(count));
    expect(city.remote.states()).toEqual({ devices: 'open', readings: 'closed' });
    expect(city.metric('gateway_subgraph_circuit_open')).toBe(1);
    expect((await ask('x')).body.errors[0].message).toContain('devices failed too often');
    expect(requests).toBe(5);
    await city.clock.advance(500);
    expect(city.remote.states()['devices']).toBe('half-open');
    await ask('probe');
    expect(requests).toBe(6);
    expect(city.remote.states()['devices']).toBe('open');
    well = true;
    await city.clock.advance(1_000);
    expect((await ask('probe 2')).body).toEqual({ data: { device: { name: 'A' } } });
    expect(city.remote.states()['devices']).toBe('closed');
  });

  it('does not pile up fetches without end', async () => {
    await using city = await remoteCity({ devices: () => undefined, settings: { fetchesMax: 2, fetchMs: 1_000 } });
    const waiting = ['a', 'b'].map((id) => city.gateway.execute(`{ device(id: "${id}") { name } }`));
    const refused = await city.gateway.execute('{ device(id: "c") { name } }');
    expect(refused.errors[0]?.message).toContain('devices has too much to do');
    await city.whileTimePasses(Promise.all(waiting), 100);
  });
});
