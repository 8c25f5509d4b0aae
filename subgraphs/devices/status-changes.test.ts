import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { StreamEvent, StreamPart } from '@greencity/platform/graphql/port';
import { type DeviceStatusChanged, deviceStatusChangedFormat } from '@greencity/schema/events/device';
import { createSourceEventStream, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, RETIRE } from './fixtures/operations.ts';
import { ANONYMOUS, openWorld, START_MS, type World } from './fixtures/platform.ts';

const MINUTE_MS = 60_000;
const CHANGED = 'subscription DeviceStatusChanged { deviceStatusChanged { id name status lastSeenAt } }';

async function open(world: World, part: StreamPart) {
  const events = await createSourceEventStream({
    schema: world.devices.schema,
    document: parse(CHANGED),
    contextValue: { ...world.devices.context(ANONYMOUS), part },
  });
  if (!(Symbol.asyncIterator in events)) throw events.errors?.[0]?.originalError;
  return events as AsyncIterableIterator<StreamEvent<DeviceStatusChanged>>;
}

async function all(world: World, part: StreamPart) {
  const found: StreamEvent<DeviceStatusChanged>[] = [];
  for await (const event of await open(world, part)) found.push(event);
  return found;
}

const told = ({ value }: StreamEvent<DeviceStatusChanged>) => `${value.deviceId} ${value.status}`;
const cursorOf = (event: StreamEvent<unknown> | undefined): string => event?.cursor ?? 'no cursor';
const register = (world: World, id: string) => world.ask(REGISTER, { input: aRegistration({ id }) });

describe('changes of status', () => {
  it('carry a cursor that gives exactly what came after, also after a restart, and what time changed meanwhile', async () => {
    using folder = aFolder();
    let last: string;
    {
      await using world = await openWorld(folder.path);
      await register(world, 'a');
      const live = await open(world, { kind: 'live' });
      await world.hear({ deviceId: 'a' });
      const online = (await live.next()).value;
      await world.clock.advance(11 * MINUTE_MS);
      const late = (await live.next()).value;
      expect([online, late].map(told)).toEqual(['a ONLINE', 'a LATE']);
      expect(await all(world, { kind: 'after', cursor: cursorOf(online) })).toEqual([late]);
      await live.return?.();
      last = cursorOf(late);
    }
    await using world = await openWorld(folder.path, { clock: manualClock(START_MS + 120 * MINUTE_MS) });
    expect(await all(world, { kind: 'after', cursor: last })).toEqual([]);
    const live = await open(world, { kind: 'live' });
    await world.clock.advance(1_000);
    expect(told((await live.next()).value)).toBe('a STALE');
    await live.return?.();
    expect((await all(world, { kind: 'after', cursor: last })).map(told)).toEqual(['a STALE']);
    const records = await world.eventLog.read('device.status.changes', 0, 0, 10);
    expect(records.map(({ value }) => deviceStatusChangedFormat.safeParse(JSON.parse(value)).success)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('begin with the status of every device that is not retired, when a snapshot is asked for', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (const id of ['a', 'b', 'c']) await register(world, id);
    await world.hear({ deviceId: 'a' });
    await world.ask(RETIRE, { id: 'c' });
    const present = await all(world, { kind: 'snapshot' });
    expect(present.map(told)).toEqual(['a ONLINE', 'b NEW']);
    await world.hear({ deviceId: 'b' });
    await world.devices.close();
    expect((await all(world, { kind: 'after', cursor: cursorOf(present.at(-1)) })).map(told)).toContain('b ONLINE');
  });

  it('are told without a cursor while the log takes none, and are in it as soon as it does', async () => {
    using folder = aFolder();
    let broken = true;
    const between = (eventLog: EventLog): EventLog => ({
      ...eventLog,
      append: (topic, records) =>
        topic === 'device.status.changes' && broken
          ? Promise.reject(new AppError('LOG_FULL', topic))
          : eventLog.append(topic, records),
    });
    await using world = await openWorld(folder.path, { between });
    await register(world, 'a');
    const live = await open(world, { kind: 'live' });
    await world.hear({ deviceId: 'a' });
    expect((await live.next()).value).toMatchObject({ value: { status: 'ONLINE' }, cursor: undefined });
    await live.return?.();
    broken = false;
    await world.clock.advance(5_000);
    await world.devices.close();
    const records = await world.eventLog.read('device.status.changes', 0, 0, 10);
    expect(records.map(({ value }) => JSON.parse(value).status)).toEqual(['ONLINE']);
  });
});
