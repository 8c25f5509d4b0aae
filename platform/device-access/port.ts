/**
 * Who may sign in where devices connect, as the part that owns devices tells it. A broker that keeps credentials itself must be told each secret when it is
 * made, for afterwards nobody knows more than its hash. A device may publish below its own id and read what is there, and nothing else.
 */
import type { AppError } from '../errors.ts';

export interface NewSecret {
  readonly text: string;
  /** What is kept of it, and what names it later: SHA-256, hex. */
  readonly hash: string;
}

/** A device and the hashes of the secrets that it may sign in with, the newest first; none for a device that may not sign in. */
export interface AllowedDevice {
  readonly deviceId: string;
  readonly hashes: readonly string[];
}

export interface DeviceAccess extends AsyncDisposable {
  /** Why nothing can be told now; undefined while it can. */
  readonly trouble: AppError | undefined;
  /**
   * Lets a device in with one more secret; those that it has stay valid. Resolves to the user name that goes with the secret, which is the device's id, or
   * begins with it where a secret from before has that name. @throws AppError ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_UNTRUSTED
   */
  grant(deviceId: string, secret: NewSecret): Promise<string>;
  /** Takes every secret of a device away but these, and ends the sessions that began with one of those taken away. @throws AppError as `grant` */
  keepOnly(device: AllowedDevice): Promise<void>;
  /**
   * Takes away what none of these devices may have, and resolves to the devices whose newest secret is not known there: it cannot be
   * given back from its hash.
   * @throws AppError as `grant`
   */
  reconcile(devices: Iterable<AllowedDevice>): Promise<readonly string[]>;
  /** Called when it can be told again after it could not, and may have forgotten. */
  onBack(listener: () => void): Disposable;
}
