import { graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ACKNOWLEDGE, ALERTS, CHANGED, CREATE, DELETE, PM25_HIGH, RESOLVE, UPDATE } from './fixtures/operations.ts';
import { aDeviceEvent, openAlertsUnderTest } from './fixtures/platform.ts';

const RULES = '{ alertRules { id name threshold clearThreshold for severity enabled device { id } zone { id } } }';

describe('a rule', () => {
  it('is made as asked for, with what was left out filled in, and kept over a restart', async () => {
    await using first = await openAlertsUnderTest();
    const input = { name: 'CO₂', metric: 'CO2', comparison: 'ABOVE', threshold: 1_200 };
    const { data } = await first.ask(CREATE, { input });
    expect(data.createAlertRule).toEqual({
      ...{ id: expect.any(String), ...input, clearThreshold: 1_200, for: 'PT0S' },
      ...{ severity: 'WARNING', enabled: true, device: null, zone: null },
    });
    const second = await first.restarted();
    expect((await second.ask(RULES, {}, null)).data.alertRules).toMatchObject([
      { id: data.createAlertRule.id, name: 'CO₂' },
    ]);
    await second[Symbol.asyncDispose]();
  });

  it('of one device or one zone says so', async () => {
    await using under = await openAlertsUnderTest();
    const of = async (watched: object) =>
      (await under.ask(CREATE, { input: { ...PM25_HIGH, for: 'PT5M', ...watched } })).data.createAlertRule;
    expect(await of({ deviceId: 'd1' })).toMatchObject({ device: { id: 'd1' }, zone: null, for: 'PT5M' });
    expect(await of({ zoneId: 'harbour' })).toMatchObject({ device: null, zone: { id: 'harbour' } });
    expect(await of({ zoneId: 'outside' })).toMatchObject({ zone: { id: 'outside' } });
  });

  it('changes only where it is told to', async () => {
    await using under = await openAlertsUnderTest();
    const { id } = (await under.ask(CREATE, { input: PM25_HIGH })).data.createAlertRule;
    const { data } = await under.ask(UPDATE, { id, input: { threshold: 60, name: null, for: 'PT10M' } });
    expect(data.updateAlertRule).toEqual({
      ...{ id, name: 'PM2.5 high', threshold: 60, clearThreshold: 40, for: 'PT10M', enabled: true },
    });
    expect((await under.ask(UPDATE, { id: 'nothing', input: {} })).code).toBe('NOT_FOUND');
  });

  it.each([
    ['name', { name: '' }],
    ['threshold', { threshold: -5 }],
    ['clearThreshold', { clearThreshold: 51 }],
    ['for', { for: 'P2D' }],
    ['deviceId', { deviceId: 'nobody' }],
    ['deviceId', { deviceId: 'd1', zoneId: 'harbour' }],
    ['zoneId', { zoneId: 'nowhere' }],
  ])('is refused for its %s when it is %j, and nothing is made', async (field, wrong) => {
    await using under = await openAlertsUnderTest();
    const answer = await under.ask(CREATE, { input: { ...PM25_HIGH, ...wrong } });
    expect(answer.code).toBe('BAD_USER_INPUT');
    expect(answer.message).toContain(`input.${field}: `);
    expect((await under.ask(RULES)).data.alertRules).toEqual([]);
  });

  it('is refused a change that would make it wrong', async () => {
    await using under = await openAlertsUnderTest();
    const { id } = (await under.ask(CREATE, { input: PM25_HIGH })).data.createAlertRule;
    const answer = await under.ask(UPDATE, { id, input: { threshold: 30 } });
    expect(answer.code).toBe('BAD_USER_INPUT');
    expect((await under.ask(RULES)).data.alertRules[0].threshold).toBe(50);
  });

  it('may name a device that was registered a moment ago, not one that is retired', async () => {
    await using under = await openAlertsUnderTest();
    const device = aDeviceEvent({ deviceId: 'new' });
    await under.eventLog.append('devices', [{ key: 'new', value: JSON.stringify(device) }]);
    expect((await under.ask(CREATE, { input: { ...PM25_HIGH, deviceId: 'new' } })).code).toBeUndefined();
    await under.announce({ ...device, retired: true });
    expect((await under.ask(CREATE, { input: { ...PM25_HIGH, deviceId: 'new' } })).code).toBe('BAD_USER_INPUT');
  });
});

describe('who may', () => {
  it.each([
    ['createAlertRule', CREATE, { input: PM25_HIGH }],
    ['updateAlertRule', UPDATE, { id: 'x', input: {} }],
    ['deleteAlertRule', DELETE, { id: 'x' }],
    ['acknowledgeAlert', ACKNOWLEDGE, { id: 'x' }],
    ['resolveAlert', RESOLVE, { id: 'x' }],
  ])('%s: nobody below OPERATOR', async (_, operation, variables) => {
    await using under = await openAlertsUnderTest();
    expect((await under.ask(operation, variables, null)).code).toBe('UNAUTHENTICATED');
    expect((await under.ask(operation, variables, 'PARTNER')).code).toBe('FORBIDDEN');
  });
});

describe('the list of alerts', () => {
  async function withThree() {
    const under = await openAlertsUnderTest();
    await under.announce(aDeviceEvent({ deviceId: 'd2', zoneId: 'old-town', name: 'Pier 1' }));
    await under.ask(CREATE, { input: PM25_HIGH });
    await under.feed('d1', 0, 60, 30, 61);
    await under.feed('d2', 1, 62);
    return under;
  }
  const starts = (connection: { nodes: { startedAt: string }[] }) =>
    connection.nodes.map(({ startedAt }) => startedAt.slice(11, 16));

  it('is newest first, by state, in pages that meet', async () => {
    await using under = await withThree();
    const all = (await under.ask(ALERTS, {}, null)).data.alerts;
    expect(all.totalCount).toBe(3);
    expect(starts(all)).toEqual(['10:02', '10:01', '10:00']);
    expect(starts((await under.ask(ALERTS, { states: ['RESOLVED'] })).data.alerts)).toEqual(['10:00']);
    expect((await under.ask(ALERTS, { states: [] })).data.alerts.totalCount).toBe(0);
    const one = (await under.ask(ALERTS, { first: 2 })).data.alerts;
    expect(one.pageInfo.hasNextPage).toBe(true);
    const two = (await under.ask(ALERTS, { first: 2, after: one.pageInfo.endCursor })).data.alerts;
    expect([...starts(one), ...starts(two)]).toEqual(starts(all));
    expect(two).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false } });
  });

  it('refuses a page that is empty or too long, and a cursor that is none', async () => {
    await using under = await withThree();
    expect((await under.ask(ALERTS, { first: 0 })).code).toBe('BAD_USER_INPUT');
    expect((await under.ask(ALERTS, { first: 201 })).code).toBe('TOO_COSTLY');
    expect((await under.ask(ALERTS, { after: 'x' })).code).toBe('BAD_CURSOR');
  });

  it('joins devices, zones, alerts and rules as entities', async () => {
    await using under = await withThree();
    const [alert] = (await under.ask(ALERTS)).data.alerts.nodes;
    const source = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Device { id alerts(states: [FIRING], first: 10) { totalCount nodes { title } } }
      ... on Zone { id alerts { totalCount } }
      ... on Alert { id state }
      ... on AlertRule { id name }
    } }`;
    const representations = [
      { __typename: 'Device', id: 'd1' },
      { __typename: 'Device', id: 'nobody' },
      { __typename: 'Zone', id: 'old-town' },
      { __typename: 'Alert', id: alert.id },
      { __typename: 'Alert', id: 'nothing' },
      { __typename: 'AlertRule', id: alert.rule.id },
    ];
    const { schema } = under.subgraph;
    const contextValue = under.subgraph.context({ kind: 'anonymous' });
    const answer = await graphql({ schema, source, variableValues: { representations }, contextValue });
    expect(answer).toEqual({
      data: {
        _entities: [
          { id: 'd1', alerts: { totalCount: 1, nodes: [{ title: 'PM2.5 high: 61 µg/m³ at Rue de Rome 14' }] } },
          { id: 'nobody', alerts: { totalCount: 0, nodes: [] } },
          { id: 'old-town', alerts: { totalCount: 1 } },
          { id: alert.id, state: 'FIRING' },
          null,
          { id: alert.rule.id, name: 'PM2.5 high' },
        ],
      },
    });
  });
});

describe('the subscription', () => {
  it('of one zone hears of that zone alone', async () => {
    await using under = await openAlertsUnderTest();
    await under.announce(aDeviceEvent({ deviceId: 'd2', zoneId: 'old-town', name: 'Pier 1' }));
    await under.ask(CREATE, { input: PM25_HIGH });
    const changes = await under.listen(CHANGED, { zone: 'old-town' });
    const first = changes.next();
    await under.feed('d1', 0, 60);
    await under.feed('d2', 0, 70);
    expect((await first).value.data.alertChanged).toMatchObject({ state: 'FIRING', device: { id: 'd2' } });
    await changes.return(undefined);
  });

  it('ends at once while nothing happens', async () => {
    await using under = await openAlertsUnderTest();
    const changes = await under.listen(CHANGED, { zone: 'old-town' });
    const waiting = changes.next();
    await changes.return(undefined);
    expect((await waiting).done).toBe(true);
  });
});
