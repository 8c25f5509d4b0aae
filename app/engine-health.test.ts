import { type ManualClock, manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';
import { engineHealth } from './engine-health.ts';
import type { Role } from './roles.ts';

const roles = (...names: readonly Role[]) => new Set(names);
const refuse = async () => {
  throw new AppError('ENGINE_UNREACHABLE', 'Redis at db:6379');
};

function health(clock: ManualClock = manualClock(0)) {
  const engines = engineHealth(clock);
  engines.watch('documents', async () => undefined);
  engines.watch('pubSub', refuse);
  return engines;
}

describe('the health of engines', () => {
  it('decides for a role by the one that it cannot do without, and tells of the others', async () => {
    const engines = health();
    expect(Object.keys(engines.checks(roles('devices')))).toEqual(['documents']);
    expect(await engines.states(roles('devices'))).toEqual({ pubSub: 'ENGINE_UNREACHABLE' });
    expect(engines.checks(roles('gateway'))).toEqual({});
    expect(await engines.states(roles('gateway'))).toEqual({ documents: 'ready', pubSub: 'ENGINE_UNREACHABLE' });
  });

  it('counts an engine for a process with several roles when one of them needs it', async () => {
    expect(Object.keys(health().checks(roles('gateway', 'alerts')))).toEqual(['documents']);
  });

  it('takes an engine that does not answer within two seconds for dead, and asks it once however many want to know', async () => {
    const clock = manualClock(0);
    const engines = engineHealth(clock);
    let asked = 0;
    engines.watch('eventLog', () => {
      asked += 1;
      return new Promise(() => undefined);
    });
    const check = engines.checks(roles('ingest'))['eventLog'];
    const both = Promise.allSettled([check?.(), check?.()]);
    await clock.advance(2_000);
    const codes = (await both).map((one) => one.status === 'rejected' && (one.reason as AppError).code);
    expect(codes).toEqual(['ENGINE_UNREACHABLE', 'ENGINE_UNREACHABLE']);
    expect(asked).toBe(1);
  });

  it('asks anew once an engine has answered', async () => {
    let dead = true;
    const engines = engineHealth(manualClock(0));
    engines.watch('eventLog', async () => {
      if (dead) throw new AppError('ENGINE_UNREACHABLE', 'Kafka at log:9092');
    });
    const check = engines.checks(roles('ingest'))['eventLog'];
    await expect(check?.()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    dead = false;
    await check?.();
  });
});
