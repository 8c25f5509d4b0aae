import { z } from 'zod';

/** `devices` (compacted): the whole of a device, as others may know it, each time it changes. Key: device id. */
export interface DeviceChanged {
  readonly v: 1;
  readonly kind: 'device';
  readonly deviceId: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly zoneId: string;
  readonly environment: 'OUTDOOR' | 'INDOOR';
  readonly retired: boolean;
  /** SHA-256 (hex) of each secret that is valid now; secrets are 256 random bits, so that no slow hash is needed. */
  readonly secretHashes: readonly string[];
}

/** `devices` (compacted): a zone. Key: `zone:` and its id. */
export interface ZoneChanged {
  readonly v: 1;
  readonly kind: 'zone';
  readonly zoneId: string;
  readonly name: string;
  readonly region: string;
  readonly deleted: boolean;
}

/** `device.status`: what a device, or its last will, says of itself. Key: device id. */
export interface DeviceStatusReported {
  readonly v: 1;
  readonly deviceId: string;
  readonly state: 'online' | 'offline';
  readonly atMs: number;
  readonly firmware?: string;
  readonly bootId?: number;
}

/** `device.status.changes`: what the platform makes of a device, each time that changes. Key: device id. */
export interface DeviceStatusChanged {
  readonly v: 1;
  readonly deviceId: string;
  readonly status: 'NEW' | 'ONLINE' | 'LATE' | 'STALE' | 'OFFLINE' | 'RETIRED';
  /** Time of the newest reading; null before the first. */
  readonly lastSeenAtMs: number | null;
  readonly changedAtMs: number;
}

/** `alerts`: an alert, each time it changes. Key: zone id. */
export interface AlertChangedEvent {
  readonly v: 1;
  readonly alertId: string;
  readonly ruleId: string;
  readonly deviceId?: string;
  readonly zoneId: string;
  readonly metric: string;
  readonly state: 'PENDING' | 'FIRING' | 'ACKNOWLEDGED' | 'RESOLVED';
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL';
  readonly title: string;
  readonly value: number;
  readonly threshold: number;
  readonly startedAtMs: number;
  readonly changedAtMs: number;
}

export const deviceChangedFormat = z.strictObject({
  v: z.literal(1),
  kind: z.literal('device'),
  deviceId: z.string().min(1),
  name: z.string(),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  zoneId: z.string().min(1),
  environment: z.enum(['OUTDOOR', 'INDOOR']),
  retired: z.boolean(),
  secretHashes: z.array(z.string()),
});

export const zoneChangedFormat = z.strictObject({
  v: z.literal(1),
  kind: z.literal('zone'),
  zoneId: z.string().min(1),
  name: z.string(),
  region: z.string(),
  deleted: z.boolean(),
});

export const devicesTopicFormat = z.discriminatedUnion('kind', [deviceChangedFormat, zoneChangedFormat]);

export const deviceStatusReportedFormat = z.strictObject({
  v: z.literal(1),
  deviceId: z.string().min(1),
  state: z.enum(['online', 'offline']),
  atMs: z.int(),
  firmware: z.string().optional(),
  bootId: z.int().optional(),
});

export const alertChangedFormat = z.strictObject({
  v: z.literal(1),
  alertId: z.string().min(1),
  ruleId: z.string().min(1),
  deviceId: z.string().optional(),
  zoneId: z.string().min(1),
  metric: z.string(),
  state: z.enum(['PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED']),
  severity: z.enum(['INFO', 'WARNING', 'CRITICAL']),
  title: z.string(),
  value: z.number(),
  threshold: z.number(),
  startedAtMs: z.int(),
  changedAtMs: z.int(),
});

export const deviceStatusChangedFormat = z.strictObject({
  v: z.literal(1),
  deviceId: z.string().min(1),
  status: z.enum(['NEW', 'ONLINE', 'LATE', 'STALE', 'OFFLINE', 'RETIRED']),
  lastSeenAtMs: z.int().nullable(),
  changedAtMs: z.int(),
});
