import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import { NOTHING, type StreamEvent, type StreamPart } from '@greencity/platform/graphql/port';
import type { AlertChangedEvent } from '@greencity/schema/events/device';
import { describe, expect, it } from 'vitest';
import { ACKNOWLEDGE, CREATE, PM25_HIGH } from './fixtures/operations.ts';
import { type AlertsUnderTest, aDeviceEvent, openAlertsUnderTest } from './fixtures/platform.ts';

const told = ({ value }: StreamEvent<AlertChangedEvent>) => `${value.deviceId} ${value.state} ${value.value}`;

async function all(under: AlertsUnderTest, part: StreamPart, zone?: string) {
  const found: StreamEvent<AlertChangedEvent>[] = [];
  for await (const event of await under.changes(part, zone)) found.push(event);
  return found;
}

async function next(events: AsyncIterator<StreamEvent<AlertChangedEvent>>, count: number) {
  const found: StreamEvent<AlertChangedEvent>[] = [];
  while (found.length < count) found.push((await events.next()).value);
  return found;
}

const cursorOf = (event: StreamEvent<unknown> | undefined): string => event?.cursor ?? 'no cursor';

/** Alerts of d1 in the harbour, fired and resolved, and of d2 in the old town, which fires. */
async function someAlerts(under: AlertsUnderTest) {
  await under.announce(aDeviceEvent({ deviceId: 'd2', zoneId: 'old-town' }));
  await under.ask(CREATE, { input: PM25_HIGH });
  await under.feed('d1', 0, 60, 30);
  await under.feed('d2', 0, 70);
}

describe('changes of alerts', () => {
  it('carry a cursor that gives exactly what came after, also after a restart', async () => {
    await using under = await openAlertsUnderTest();
    const live = await under.changes({ kind: 'live' });
    await someAlerts(under);
    const events = await next(live, 3);
    await live.return?.();
    expect(events.map(told)).toEqual(['d1 FIRING 60', 'd1 RESOLVED 30', 'd2 FIRING 70']);
    expect(await all(under, { kind: 'after', cursor: cursorOf(events[0]) })).toEqual(events.slice(1));
    const again = await under.restarted();
    expect(await all(again, { kind: 'after', cursor: cursorOf(events[1]) })).toEqual(events.slice(2));
    expect(await all(again, { kind: 'after', cursor: cursorOf(events[0]) }, 'old-town')).toEqual(events.slice(2));
    await again[Symbol.asyncDispose]();
  });

  it('begin with the alerts that are open, when a snapshot is asked for', async () => {
    await using under = await openAlertsUnderTest();
    const none = await all(under, { kind: 'snapshot' });
    expect(none.map(({ value }) => value)).toEqual([NOTHING]);
    await someAlerts(under);
    expect((await all(under, { kind: 'after', cursor: cursorOf(none[0]) })).length).toBeGreaterThan(0);
    await under.feed('d1', 5, 65);
    const open = await all(under, { kind: 'snapshot' });
    expect(open.map(told)).toEqual(['d2 FIRING 70', 'd1 FIRING 65']);
    expect(await all(under, { kind: 'after', cursor: cursorOf(open.at(-1)) })).toEqual([]);
    await under.ask(ACKNOWLEDGE, { id: open[0]?.value.alertId });
    expect((await all(under, { kind: 'snapshot' }, 'old-town')).map(told)).toEqual(['d2 ACKNOWLEDGED 70']);
    const since = await all(under, { kind: 'after', cursor: cursorOf(open.at(-1)) });
    expect(since.map(told)).toEqual(['d2 ACKNOWLEDGED 70']);
  });

  it('are told without a cursor while the log takes none, and come again after the last one', async () => {
    let broken = false;
    const through = (eventLog: EventLog): EventLog => ({
      ...eventLog,
      append: (topic, records) =>
        topic === 'alerts' && broken
          ? Promise.reject(new AppError('LOG_FULL', 'alerts'))
          : eventLog.append(topic, records),
    });
    await using under = await openAlertsUnderTest({ through });
    await under.ask(CREATE, { input: PM25_HIGH });
    const live = await under.changes({ kind: 'live' });
    await under.feed('d1', 0, 60);
    const [fired] = await next(live, 1);
    broken = true;
    await under.ask(ACKNOWLEDGE, { id: fired?.value.alertId });
    const [acknowledged] = await next(live, 1);
    expect(acknowledged).toMatchObject({ value: { state: 'ACKNOWLEDGED' }, cursor: undefined });
    broken = false;
    await under.clock.advance(5_000);
    expect((await all(under, { kind: 'after', cursor: cursorOf(fired) })).map(told)).toEqual(['d1 ACKNOWLEDGED 60']);
    await live.return?.();
  });

  it('do not go on from a cursor of another stream', async () => {
    await using under = await openAlertsUnderTest();
    const cursor = 'm000000000000000000';
    await expect(all(under, { kind: 'after', cursor })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });
});
