/** What depends on whose device it is: by each viewer, of a device that is a private home and that somebody has claimed. Part of docs/access-matrix.md; a test walks it. */
import type { Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { OUTCOMES } from './access-matrix.ts';

/** Whoever asks, by the head of their column. The other owner has claimed another device. */
export const OWNERSHIP_VIEWERS = {
  anonymous: { kind: 'anonymous' },
  'the owner': userViewer('user-owner', 'CITIZEN'),
  'another owner': userViewer('user-other', 'CITIZEN'),
  researcher: userViewer('user-researcher', 'RESEARCHER'),
  partner: userViewer('user-partner', 'PARTNER'),
  operator: userViewer('user-operator', 'OPERATOR'),
  admin: userViewer('user-admin', 'ADMIN'),
  'API key (measurements:read)': { kind: 'key', keyId: 'key-1', userId: 'user-owner', scopes: ['measurements:read'] },
} as const satisfies Readonly<Record<string, Viewer>>;

/** Something that is asked of the device, and what each viewer gets. */
export interface OwnershipRow {
  readonly field: string;
  /** With `$id`, the device. */
  readonly operation: string;
  /** What is given, in a word, for what is only read. */
  readonly shown?: (data: never) => string;
  /** In the order of `OWNERSHIP_VIEWERS`. */
  readonly outcomes: readonly string[];
}

const { allowed: YES, FORBIDDEN: NO, UNAUTHENTICATED: SIGN_IN } = OUTCOMES;
const OWNERS_AND_MANAGERS = [SIGN_IN, YES, NO, NO, NO, YES, YES, NO];
const place = (word: { readonly owner: string; readonly other: string }) => {
  const { owner, other } = word;
  return [other, owner, other, other, other, owner, owner, other];
};

interface Home {
  readonly device: { readonly location: { readonly altitude: number | null }; readonly devEui: string | null };
}

function mutation(name: string, selection: string, argument = 'id'): Pick<OwnershipRow, 'field' | 'operation'> {
  return { field: `Mutation.${name}`, operation: `mutation ($id: ID!) { ${name}(${argument}: $id) ${selection} }` };
}

/** Of a device with an altitude and a EUI, whose `locationPrivacy` is ROUNDED. */
export const OWNERSHIP: readonly OwnershipRow[] = [
  {
    field: 'Device.location',
    operation: 'query ($id: ID!) { device(id: $id) { location { altitude } } }',
    shown: ({ device }: Home) => (device.location.altitude === null ? 'square' : 'exact'),
    outcomes: place({ owner: 'exact', other: 'square' }),
  },
  {
    field: 'Device.devEui',
    operation: 'query ($id: ID!) { device(id: $id) { devEui } }',
    shown: ({ device }: Home) => (device.devEui === null ? 'null' : YES),
    outcomes: place({ owner: YES, other: 'null' }),
  },
  {
    field: 'Query.ownDevices',
    operation: '{ ownDevices { id } }',
    shown: ({ ownDevices }: { readonly ownDevices: readonly { readonly id: string }[] }) =>
      ownDevices.some(({ id }) => id.startsWith('home-')) ? 'listed' : 'not listed',
    outcomes: [SIGN_IN, 'listed', ...Array(5).fill('not listed'), NO],
  },
  {
    field: 'Mutation.updateDevice',
    operation: 'mutation ($id: ID!) { updateDevice(id: $id, input: { name: "Renamed" }) { id } }',
    outcomes: OWNERS_AND_MANAGERS,
  },
  { ...mutation('rotateDeviceCredentials', '{ username }'), outcomes: OWNERS_AND_MANAGERS },
  { ...mutation('revokeDeviceCredentials', '{ id }'), outcomes: OWNERS_AND_MANAGERS },
  { ...mutation('createClaimCode', '{ code }', 'deviceId'), outcomes: OWNERS_AND_MANAGERS },
  { ...mutation('releaseDevice', '{ id }'), outcomes: OWNERS_AND_MANAGERS },
  { ...mutation('retireDevice', '{ id }'), outcomes: [SIGN_IN, NO, NO, NO, NO, YES, YES, NO] },
];

const HEAD = `
## Whose device it is

Of a device that is a private home (\`locationPrivacy: ROUNDED\`) and that a citizen has claimed; the other owner has claimed another one. Walked by a test as well.
**square**: the middle of its square of about 200 m, without altitude. **null**: there is none for this viewer.
`;

/** The section of docs/access-matrix.md. */
export function ownershipText(): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['field', ...Object.keys(OWNERSHIP_VIEWERS)];
  const body = OWNERSHIP.map(({ field, outcomes }) => line([`\`${field}\``, ...outcomes]));
  return [HEAD, line(head), line(head.map(() => '---')), ...body, ''].join('\n');
}
