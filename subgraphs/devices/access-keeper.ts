import type { DeviceAccess, NewSecret } from '@greencity/platform/device-access/port';
import { type Device, validSecrets } from './domain/device.ts';
import type { Registry } from './registry.ts';

/** Keeps the broker that devices sign in at as the documents have it. */
export interface AccessKeeper extends Disposable {
  /** Lets a device in with a new secret; resolves to its user name. Within a turn, before the secret is stored. @throws AppError as `DeviceAccess.grant` */
  grant(deviceId: string, secret: NewSecret): Promise<string>;
  /** Takes away what a device may not have any more. What cannot be told now is told later. @throws AppError as `DeviceAccess.keepOnly` */
  tell(deviceId: string): Promise<void>;
  /** Notes that a device's secrets at the broker may not be those of its document; `settle` puts it right. */
  owe(deviceId: string): void;
  /** Tells what is owed. */
  settle(): Promise<void>;
  /** Devices whose newest secret the broker does not know, as of the last comparison. */
  lacking(): number;
}

/** Ids in one line of the log. */
const IDS_PER_LINE = 100;

/** A keeper that compares broker and documents at its start, and again whenever the broker was away. */
export async function openAccessKeeper(
  access: DeviceAccess,
  { roster, inTurn, clock, log }: Pick<Registry, 'roster' | 'inTurn' | 'clock' | 'log'>,
): Promise<AccessKeeper> {
  const owed = new Set<string>();
  let unsure = true;
  let lacking: readonly string[] = [];

  const allowed = (deviceId: string, device: Device | undefined) => ({
    deviceId,
    hashes: device ? validSecrets(device, clock.nowMs()).map(({ hash }) => hash) : [],
  });

  /** What is granted meanwhile waits its turn: it would be taken away again. */
  async function compare(): Promise<void> {
    unsure = false;
    try {
      lacking = await inTurn(() => access.reconcile([...roster.all()].map((device) => allowed(device.id, device))));
    } catch (error) {
      unsure = true;
      throw error;
    }
    for (let start = 0; start < lacking.length; start += IDS_PER_LINE) {
      const deviceIds = lacking.slice(start, start + IDS_PER_LINE).join(' ');
      log.warn(
        { devices: lacking.length, deviceIds },
        'the broker does not know the secrets of these devices, and from their hashes nobody can tell it: rotate their credentials',
      );
    }
  }

  async function settle(): Promise<void> {
    if (access.trouble) return;
    if (unsure) await compare();
    for (const deviceId of [...owed]) await tell(deviceId);
  }

  async function tell(deviceId: string): Promise<void> {
    owed.add(deviceId);
    await inTurn(async () => {
      await access.keepOnly(allowed(deviceId, roster.get(deviceId)));
      owed.delete(deviceId);
    });
  }

  const settleIfPossible = () =>
    settle().catch((error: unknown) =>
      log.warn({ error }, 'the broker could not be compared with the documents, will try again'),
    );
  const back = access.onBack(() => {
    unsure = true;
    void settleIfPossible();
  });
  await settleIfPossible();
  return {
    grant: (deviceId, secret) => access.grant(deviceId, secret),
    tell,
    owe: (deviceId) => void owed.add(deviceId),
    settle,
    lacking: () => lacking.length,
    [Symbol.dispose]: () => back[Symbol.dispose](),
  };
}
