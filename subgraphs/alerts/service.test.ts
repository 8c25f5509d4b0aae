import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import { alertChangedFormat } from '@greencity/schema/events/device';
import { describe, expect, it } from 'vitest';
import { ACKNOWLEDGE, ALERTS, CHANGED, CREATE, DELETE, PM25_HIGH, RESOLVE, UPDATE } from './fixtures/operations.ts';
import { type AlertsUnderTest, aDeviceEvent, openAlertsUnderTest } from './fixtures/platform.ts';

const brief = (events: readonly { readonly state: string; readonly value: number }[]) =>
  events.map(({ state, value }) => `${state} ${value}`);

async function theAlert(under: AlertsUnderTest, states = ['PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED']) {
  return (await under.ask(ALERTS, { states })).data.alerts.nodes[0];
}

describe('a reading past a threshold', () => {
  it('raises an alert that is stored, in the log and told live, and ends it again', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: PM25_HIGH });
    const changes = await under.listen(CHANGED);
    const first = changes.next();
    await under.feed('d1', 0, 49, 63.2, 30);
    const title = 'PM2.5 high: 63.2 µg/m³ at Rue de Rome 14';
    const zone = { id: 'harbour' };
    expect((await first).value.data.alertChanged).toMatchObject({ state: 'FIRING', value: 63.2, title, zone });
    expect((await changes.next()).value.data.alertChanged).toMatchObject({ state: 'RESOLVED', value: 30, title });
    await changes.return(undefined);
    const told = await under.told();
    expect(brief(told)).toEqual(['FIRING 63.2', 'RESOLVED 30']);
    expect(told.map((event) => alertChangedFormat.safeParse(event).success)).toEqual([true, true]);
    const [record] = await under.eventLog.read('alerts', 0, 0, 1);
    expect(record?.key).toBe('harbour');
    expect(await theAlert(under)).toMatchObject({
      ...{ state: 'RESOLVED', severity: 'WARNING', title, metric: 'PM2_5', unit: 'µg/m³', value: 30, threshold: 50 },
      ...{ startedAt: '2026-11-23T10:01:00.000Z', resolvedAt: '2026-11-23T10:02:00.000Z', device: { id: 'd1' }, zone },
      rule: { name: 'PM2.5 high' },
    });
    expect(under.metrics.exposition()).toContain('greencity_alert_changes_total{state="FIRING"} 1');
  });

  it('shows the newest value of an alert before it is stored', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: PM25_HIGH });
    await under.feed('d1', 0, 60);
    await under.feed('d1', 1, 77);
    expect(await theAlert(under)).toMatchObject({ state: 'FIRING', value: 77 });
  });

  it('shows a pending alert only to who asks for it, from the next flush on', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: { ...PM25_HIGH, for: 'PT5M' } });
    await under.feed('d1', 0, 60);
    await under.clock.advance(5_000);
    await under.subgraph.caughtUp();
    expect((await under.ask(ALERTS, { states: ['PENDING'] })).data.alerts.nodes).toMatchObject([{ value: 60 }]);
    expect((await under.ask(ALERTS)).data.alerts.totalCount).toBe(0);
    await under.feed('d1', 1, 20);
    await under.clock.advance(5_000);
    await under.subgraph.caughtUp();
    expect((await under.ask(ALERTS, { states: ['PENDING'] })).data.alerts.totalCount).toBe(0);
    expect(await under.told()).toEqual([]);
  });

  it('passes over a record that is not readable, and says so', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: PM25_HIGH });
    await under.eventLog.append('processed.measurements', [{ key: 'harbour', value: '{"v":1,' }]);
    await under.feed('d1', 0, 60);
    expect(brief(await under.told())).toEqual(['FIRING 60']);
    expect(under.log.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('an alert taken in hand', () => {
  it('is acknowledged, told of, and ends by itself', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: PM25_HIGH });
    await under.feed('d1', 0, 60);
    const { id } = await theAlert(under);
    const answer = await under.ask(ACKNOWLEDGE, { id, comment: 'on it' });
    expect(answer.data.acknowledgeAlert).toEqual({
      ...{ id, state: 'ACKNOWLEDGED', comment: 'on it', acknowledgedAt: '2026-11-23T10:00:00.000Z' },
    });
    expect((await under.ask(ACKNOWLEDGE, { id })).data.acknowledgeAlert.comment).toBe('on it');
    await under.feed('d1', 1, 30);
    expect(brief(await under.told())).toEqual(['FIRING 60', 'ACKNOWLEDGED 60', 'RESOLVED 30']);
    expect((await under.ask(ACKNOWLEDGE, { id })).code).toBe('CONFLICT');
    expect((await under.ask(RESOLVE, { id })).data.resolveAlert.state).toBe('RESOLVED');
    expect(await under.told()).toHaveLength(3);
  });

  it('that is resolved fires anew only after the value was on the right side, after a restart too', async () => {
    await using first = await openAlertsUnderTest();
    await first.ask(CREATE, { input: PM25_HIGH });
    await first.feed('d1', 0, 60);
    const { id } = await theAlert(first);
    expect((await first.ask(RESOLVE, { id })).data.resolveAlert.state).toBe('RESOLVED');
    await first.feed('d1', 1, 70);
    const second = await first.restarted();
    await second.feed('d1', 2, 80, 45, 60);
    expect(brief(await second.told())).toEqual(['FIRING 60', 'RESOLVED 60']);
    await second.feed('d1', 5, 40, 60);
    expect(brief(await second.told())).toEqual(['FIRING 60', 'RESOLVED 60', 'FIRING 60']);
    await second[Symbol.asyncDispose]();
  });

  it('is not found under another id', async () => {
    await using under = await openAlertsUnderTest();
    expect((await under.ask(ACKNOWLEDGE, { id: 'nothing' })).code).toBe('NOT_FOUND');
    expect((await under.ask(RESOLVE, { id: 'progress:d1' })).code).toBe('NOT_FOUND');
  });
});

describe('after a crash', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])(
    'that follows %i readings, store and log agree and each alert is there once',
    async (readings) => {
      const values = [60, 70, 30, 60, 61, 20];
      await using before = await openAlertsUnderTest();
      await before.ask(CREATE, { input: PM25_HIGH });
      await before.ask(CREATE, { input: { ...PM25_HIGH, name: 'slow', for: 'PT1M' } });
      for (let index = 0; index < readings; index += 1) await before.feed('d1', index, values[index] ?? 0);
      await using after = await before.afterCrash();
      await after.feed('d1', readings, ...values.slice(readings));
      const { nodes, totalCount } = (await after.ask(ALERTS)).data.alerts;
      expect(totalCount).toBe(4);
      expect(nodes.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('RESOLVED'));
      const once = new Map(
        (await after.told()).map((event) => [`${event.alertId} ${event.state} ${event.changedAtMs}`, event]),
      );
      expect([...once.values()].filter(({ state }) => state === 'FIRING')).toHaveLength(4);
      expect([...once.values()].filter(({ state }) => state === 'RESOLVED')).toHaveLength(4);
      expect(once.size).toBe(8);
    },
  );

  it('an acknowledgement stays, though the readings are read again', async () => {
    await using before = await openAlertsUnderTest();
    await before.ask(CREATE, { input: PM25_HIGH });
    await before.feed('d1', 0, 60);
    const { id } = await theAlert(before);
    await before.ask(ACKNOWLEDGE, { id });
    await using after = await before.afterCrash();
    await after.subgraph.caughtUp();
    expect(await theAlert(after)).toMatchObject({ id, state: 'ACKNOWLEDGED' });
  });

  it('nothing is judged twice that came in order before it, nor late values that were passed over', async () => {
    await using before = await openAlertsUnderTest();
    await before.ask(CREATE, { input: PM25_HIGH });
    await before.feed('d1', 10, 20);
    await before.clock.advance(5_000);
    await before.subgraph.caughtUp();
    await before.feed('d1', 5, 90);
    await using after = await before.afterCrash();
    await after.subgraph.caughtUp();
    expect(await after.told()).toEqual([]);
  });
});

describe('when the log does not take the alerts', () => {
  function failing() {
    const state = { broken: true };
    const through = (eventLog: EventLog): EventLog => ({
      ...eventLog,
      append: (topic, records) =>
        topic === 'alerts' && state.broken
          ? Promise.reject(new AppError('LOG_FULL', 'alerts'))
          : eventLog.append(topic, records),
    });
    return { state, through };
  }

  it('they are stored and told live, and the log is told as soon as it can be', async () => {
    const { state, through } = failing();
    await using under = await openAlertsUnderTest({ through });
    await under.ask(CREATE, { input: PM25_HIGH });
    const changes = await under.listen(CHANGED);
    const first = changes.next();
    await under.append('d1', 0, 60);
    const { id } = (await first).value.data.alertChanged;
    const acknowledged = await under.ask(ACKNOWLEDGE, { id });
    expect(acknowledged.data.acknowledgeAlert.state).toBe('ACKNOWLEDGED');
    expect(await under.told()).toEqual([]);
    state.broken = false;
    await under.clock.advance(60_000);
    await under.subgraph.caughtUp();
    expect(brief(await under.told())).toEqual(['FIRING 60', 'ACKNOWLEDGED 60']);
    await changes.return(undefined);
  });

  it('a crash meanwhile loses none of them', async () => {
    const { state, through } = failing();
    await using before = await openAlertsUnderTest({ through });
    await before.ask(CREATE, { input: PM25_HIGH });
    const changes = await before.listen(CHANGED);
    const first = changes.next();
    await before.append('d1', 0, 60);
    await first;
    await changes.return(undefined);
    await using after = await before.afterCrash();
    await after.subgraph.caughtUp();
    expect(brief(await after.told())).toEqual(['FIRING 60']);
    state.broken = false;
  });
});

describe('when what a rule watches changes', () => {
  it('its alerts end with the rule, and know no rule any more', async () => {
    await using under = await openAlertsUnderTest();
    const { id } = (await under.ask(CREATE, { input: PM25_HIGH })).data.createAlertRule;
    await under.feed('d1', 0, 60);
    expect((await under.ask(DELETE, { id })).data).toEqual({ deleteAlertRule: id });
    expect(await theAlert(under)).toMatchObject({ state: 'RESOLVED', rule: null });
    expect(brief(await under.told())).toEqual(['FIRING 60', 'RESOLVED 60']);
    expect((await under.ask(DELETE, { id })).code).toBe('NOT_FOUND');
    await under.feed('d1', 1, 70);
    expect(await under.told()).toHaveLength(2);
  });

  it('a device that moves or is retired ends the alerts that no longer watch it', async () => {
    await using under = await openAlertsUnderTest();
    await under.ask(CREATE, { input: { ...PM25_HIGH, name: 'harbour', zoneId: 'harbour' } });
    await under.ask(CREATE, { input: { ...PM25_HIGH, name: 'city' } });
    await under.feed('d1', 0, 60);
    await under.announce(aDeviceEvent({ zoneId: 'old-town' }));
    expect((await under.ask(ALERTS, { states: ['FIRING'] })).data.alerts.nodes).toMatchObject([
      { rule: { name: 'city' } },
    ]);
    await under.announce(aDeviceEvent({ zoneId: 'old-town', retired: true }));
    expect((await under.ask(ALERTS, { states: ['FIRING'] })).data.alerts.nodes).toEqual([]);
    expect(await under.told()).toHaveLength(4);
  });

  it('what happened while nobody looked is made good at the next start', async () => {
    await using first = await openAlertsUnderTest();
    await first.ask(CREATE, { input: PM25_HIGH });
    await first.feed('d1', 0, 60);
    const closing = first.subgraph.close();
    await closing;
    const event = aDeviceEvent({ retired: true });
    await first.eventLog.append('devices', [{ key: 'd1', value: JSON.stringify(event) }]);
    const second = await first.restarted();
    expect(brief(await second.told())).toEqual(['FIRING 60', 'RESOLVED 60']);
    await second[Symbol.asyncDispose]();
  });

  it('a rule that is switched off ends its alerts, and on again begins anew', async () => {
    await using under = await openAlertsUnderTest();
    const { id } = (await under.ask(CREATE, { input: PM25_HIGH })).data.createAlertRule;
    await under.feed('d1', 0, 60);
    await under.ask(UPDATE, { id, input: { enabled: false } });
    await under.feed('d1', 1, 61);
    await under.ask(UPDATE, { id, input: { enabled: true } });
    await under.feed('d1', 2, 62);
    expect(brief(await under.told())).toEqual(['FIRING 60', 'RESOLVED 60', 'FIRING 62']);
  });
});
