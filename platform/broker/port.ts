/**
 * The MQTT broker as ingest sees it. Promise: at QoS 1 a PUBACK is sent only after `receive` has resolved; when `receive` rejects there is none, and
 * the message comes again: from the device, which is disconnected so that it sends again, or from a broker outside (`BrokerCapabilities`).
 */

import type { AppError } from '../errors.ts';

export type SignIn =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: 'UNKNOWN_DEVICE' | 'WRONG_CREDENTIALS' | 'RETIRED_DEVICE' };

export interface IncomingMessage {
  /** Username the client signed in with: the device id. */
  readonly deviceId: string;
  readonly topic: string;
  /** At most `payloadBytesMax`: of a longer one the rest is not kept. What comes next is written over it once a handler has returned: whoever needs it later, copies it. */
  readonly payload: Uint8Array;
  /** Length as sent; more than `payload.length` when the message is longer than the limit. */
  readonly payloadBytes: number;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** True for a last will that the broker publishes on the client's behalf. */
  readonly lastWill: boolean;
}

export interface BrokerHandlers {
  /** @param secret as sent, undefined when the client sent none */
  signIn(deviceId: string, secret: Uint8Array | undefined): Promise<SignIn>;
  /** May this device publish to this topic? Asked before `receive`; what it may not goes to `turnAway` instead. */
  mayPublish(deviceId: string, topic: string): boolean;
  maySubscribe(deviceId: string, filter: string): boolean;
  /** Resolves when the message is durable (or refused for good, which is acknowledged too, so that a device does not repeat rubbish for ever). */
  receive(message: IncomingMessage): Promise<void>;
  /** A message to a topic that `mayPublish` denied. When this resolves it is acknowledged, MQTT 3.1.1 having no other word, and the session goes on or ends. */
  turnAway(message: IncomingMessage): Promise<'continue' | 'disconnect'>;
}

export interface BrokerLimits {
  readonly payloadBytesMax: number;
  /** Messages of one client, and of all, that wait for `receive`; beyond it the socket is paused. */
  readonly inFlightPerClientMax: number;
  readonly inFlightMax: number;
  readonly clientsMax: number;
}

/** In what a broker outside the platform differs; a broker of our own has all of it. */
export interface BrokerCapabilities {
  /**
   * Asks the handlers who may sign in, publish and subscribe, has one session for each device, and can end it. Else the broker itself knows all that
   * (`device-access/port.ts`), refuses without telling us, has one session for each client id, and `disconnect` does nothing.
   */
  readonly asksHandlers: boolean;
  /** Acknowledges a device when `receive` has resolved. Else the broker does when it has the message, and it is we who acknowledge to it then. */
  readonly acknowledgesWhenDurable: boolean;
  /** Knows a last will from other messages. */
  readonly tellsLastWills: boolean;
  /** Holds each client to `inFlightPerClientMax`; else all of them together to `inFlightMax`. */
  readonly boundsEachClient: boolean;
}

export interface Broker extends AsyncDisposable {
  readonly port: number;
  /** Why no message comes in now; undefined while all do. */
  readonly trouble: AppError | undefined;
  /** Publishes on the platform's behalf, retained where said: desired settings. */
  publish(topic: string, payload: string, options: { readonly retain: boolean }): Promise<void>;
  /** Ends the sessions of a device whose credentials were changed or that was retired. Nothing where the broker keeps credentials itself: see `device-access/port.ts`. */
  disconnect(deviceId: string): void;
  close(): Promise<void>;
}
