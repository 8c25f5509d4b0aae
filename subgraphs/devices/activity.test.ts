import { manualClock } from '@greencity/platform/clock/manual-clock';
import type { DeviceStatusReported } from '@greencity/schema/events/device';
import { parse, subscribe } from 'graphql';
import { describe, expect, it } from 'vitest';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, RETIRE } from './fixtures/operations.ts';
import { ANONYMOUS, openWorld, START_MS, type World } from './fixtures/platform.ts';

const MINUTE_MS = 60_000;

const register = (world: World, id: string) => world.ask(REGISTER, { input: aRegistration({ id }) });

async function statusOf(world: World, id: string) {
  const answer = await world.ask<{ device: { status: string; lastSeenAt: string | null; firmware: string | null } }>(
    'query ($id: ID!) { device(id: $id) { status lastSeenAt firmware } }',
    { id },
  );
  return answer.device;
}

async function report(
  world: World,
  event: Pick<DeviceStatusReported, 'deviceId' | 'state'> & Partial<DeviceStatusReported>,
) {
  const value = JSON.stringify({ v: 1, atMs: world.clock.nowMs(), ...event });
  await world.eventLog.append('device.status', [{ key: event.deviceId, value }]);
  await world.devices.caughtUp();
}

interface StatusEvents extends AsyncDisposable {
  next(): Promise<unknown>;
  return(): Promise<unknown>;
}

async function statusEvents(world: World): Promise<StatusEvents> {
  const source = 'subscription DeviceStatusChanged { deviceStatusChanged { id name status lastSeenAt } }';
  const events = await subscribe({
    schema: world.devices.schema,
    document: parse(source),
    contextValue: world.devices.context(ANONYMOUS),
  });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const iterator = events[Symbol.asyncIterator]();
  return {
    async next() {
      const { value } = await iterator.next();
      return value?.data?.['deviceStatusChanged'] ?? value;
    },
    return: async () => await iterator.return?.(),
    async [Symbol.asyncDispose]() {
      await iterator.return?.();
    },
  };
}

describe('the status of a device', () => {
  it('follows its readings, its last will and the time', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    expect(await statusOf(world, 'a')).toEqual({ status: 'NEW', lastSeenAt: null, firmware: null });
    await report(world, { deviceId: 'a', state: 'online', firmware: '1.4.0', bootId: 7 });
    expect(await statusOf(world, 'a')).toEqual({ status: 'NEW', lastSeenAt: null, firmware: '1.4.0' });
    await world.hear({ deviceId: 'a' });
    expect(await statusOf(world, 'a')).toMatchObject({
      status: 'ONLINE',
      lastSeenAt: new Date(START_MS).toISOString(),
    });
    await world.clock.advance(10 * MINUTE_MS + 1);
    expect(await statusOf(world, 'a')).toMatchObject({ status: 'LATE' });
    await report(world, { deviceId: 'a', state: 'offline' });
    expect(await statusOf(world, 'a')).toMatchObject({ status: 'OFFLINE', firmware: '1.4.0' });
    await world.clock.advance(MINUTE_MS);
    await world.hear({ deviceId: 'a' });
    expect(await statusOf(world, 'a')).toMatchObject({ status: 'ONLINE' });
  });

  it('is not moved by old readings, and by none of a device that nobody registered', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    await world.hear({ deviceId: 'a' });
    await world.hear({ deviceId: 'a', timeMs: START_MS - 5 * 60 * MINUTE_MS });
    await world.hear({ deviceId: 'unknown' });
    expect(await statusOf(world, 'a')).toMatchObject({
      status: 'ONLINE',
      lastSeenAt: new Date(START_MS).toISOString(),
    });
  });

  it('passes over a record that it cannot read, says so, and goes on', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    await world.eventLog.append('processed.measurements', [{ key: 'outside', value: '{"v":2}' }]);
    await world.hear({ deviceId: 'a' });
    expect(await statusOf(world, 'a')).toMatchObject({ status: 'ONLINE' });
    expect(world.log.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { attributes: { topic: 'processed.measurements', offset: 0 } },
    ]);
  });

  it('is known again after a restart', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await register(world, 'a');
      await report(world, { deviceId: 'a', state: 'online', firmware: '1.4.0' });
      await world.hear({ deviceId: 'a' });
    }
    await using world = await openWorld(folder.path, { clock: manualClock(START_MS + 20 * MINUTE_MS) });
    const lastSeenAt = new Date(START_MS).toISOString();
    expect(await statusOf(world, 'a')).toEqual({ status: 'LATE', lastSeenAt, firmware: '1.4.0' });
  });
});

describe('the subscription to device status', () => {
  it('tells each change, by messages and by the passing of time, and none twice', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    await using events = await statusEvents(world);
    await world.hear({ deviceId: 'a' });
    await world.hear({ deviceId: 'a' });
    const lastSeenAt = new Date(START_MS).toISOString();
    expect(await events.next()).toEqual({ id: 'a', name: 'Union Street', status: 'ONLINE', lastSeenAt });
    await world.clock.advance(11 * MINUTE_MS);
    expect(await events.next()).toMatchObject({ status: 'LATE' });
    await world.clock.advance(60 * MINUTE_MS);
    expect(await events.next()).toMatchObject({ status: 'STALE' });
    await world.clock.advance(24 * 60 * MINUTE_MS);
    expect(await events.next()).toMatchObject({ status: 'OFFLINE' });
    await world.ask(RETIRE, { id: 'a' });
    expect(await events.next()).toMatchObject({ status: 'RETIRED' });
  });

  it('does not tell LATE while readings keep coming', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    await register(world, 'b');
    await using events = await statusEvents(world);
    for (let minute = 0; minute < 30; minute += 1) {
      await world.hear({ deviceId: 'a' });
      await world.clock.advance(MINUTE_MS);
    }
    await world.hear({ deviceId: 'b' });
    expect(await events.next()).toMatchObject({ id: 'a', status: 'ONLINE' });
    expect(await events.next()).toMatchObject({ id: 'b', status: 'ONLINE' });
  });

  it('tells that a device was retired that was never heard of', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    await using events = await statusEvents(world);
    await world.ask(RETIRE, { id: 'a' });
    expect(await events.next()).toMatchObject({ id: 'a', status: 'RETIRED', lastSeenAt: null });
  });

  it('ends at once, also while it waits', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const events = await statusEvents(world);
    const waiting = events.next();
    await events.return();
    expect(await waiting).toBeUndefined();
    expect(world.pubSub.hasSubscribers('devices:status')).toBe(false);
  });
});
