/** The access matrix: every field of every subgraph by every kind of viewer. `npm run generate` writes it to docs/access-matrix.md; a test walks it. */
import { readFileSync } from 'node:fs';
import { type Access, inWords, refusal } from '@greencity/platform/graphql/access';
import { fieldAccesses } from '@greencity/platform/graphql/guarded-schema';
import { ROLES, type Viewer } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import { userViewer } from '@greencity/platform/graphql/viewer';

export const MATRIX_PATH = 'docs/access-matrix.md';

/** Everybody who may ask, by the head of their column. */
export const VIEWERS: Readonly<Record<string, Viewer>> = {
  anonymous: { kind: 'anonymous' },
  ...Object.fromEntries(ROLES.map((role) => [role.toLowerCase(), userViewer('user-1', role)])),
  'API key (measurements:read)': { kind: 'key', keyId: 'key-1', userId: 'user-1', scopes: ['measurements:read'] },
  // The owner of a device, asking about those of others: see ownership.ts.
  'another owner': userViewer('user-2', 'CITIZEN'),
};

/** What a viewer gets: the field, the wish to sign in, or a refusal. */
export const OUTCOMES = { allowed: 'yes', UNAUTHENTICATED: 'sign in', FORBIDDEN: '–' } as const;
export type Outcome = (typeof OUTCOMES)[keyof typeof OUTCOMES];

/** One field of one subgraph. */
export interface Row {
  readonly subgraph: string;
  readonly field: string;
  readonly needs: string;
  /** By viewer, in the order of `VIEWERS`. */
  readonly outcomes: readonly string[];
}

/** The federation SDL of a subgraph of this repository. */
export function sdlOf(subgraph: string): string {
  return subgraphSdl(new URL(`../../subgraphs/${subgraph}/schema.graphql`, import.meta.url));
}

/** The matrix as the schemas declare it. */
export function declaredMatrix(subgraphs: readonly string[]): readonly Row[] {
  return subgraphs.flatMap((subgraph) =>
    [...fieldAccesses(subgraphSchema(sdlOf(subgraph), {}))].map(([field, access]) => ({
      subgraph,
      field,
      needs: access.kind === 'public' ? '' : inWords(access).replace(/^needs /, ''),
      outcomes: Object.values(VIEWERS).map((viewer) => declaredOutcome(access, field, viewer)),
    })),
  );
}

function declaredOutcome(access: Access, field: string, viewer: Viewer): Outcome {
  const refused = refusal(access, field, viewer);
  return refused ? OUTCOMES[refused.code as 'UNAUTHENTICATED' | 'FORBIDDEN'] : OUTCOMES.allowed;
}

const HEAD = `# Who may have which field

Made from the schemas by \`npm run generate\`, and walked by a test: every field of every subgraph is asked for by everyone below, and must answer as it says here.
**yes**: given. **sign in**: \`UNAUTHENTICATED\`. **–**: \`FORBIDDEN\`. A field that its schema says nothing of is open to nobody.
What depends on whose device it is stands [below](#whose-device-it-is).
`;

/** The matrix as docs/access-matrix.md holds it. */
export function matrixText(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['subgraph', 'field', 'needs', ...Object.keys(VIEWERS)];
  const body = rows.map(({ subgraph, field, needs, outcomes }) => line([subgraph, `\`${field}\``, needs, ...outcomes]));
  return [HEAD, line(head), line(head.map(() => '---')), ...body, ''].join('\n');
}

/** The matrix that is checked in. */
export function committedMatrix(): readonly Row[] {
  const text = readFileSync(new URL(`../../${MATRIX_PATH}`, import.meta.url), 'utf8');
  const [fields = ''] = text.split('\n## ', 1);
  return fields
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| subgraph') && !line.startsWith('| ---'))
    .map((line) => {
      const [subgraph = '', field = '', needs = '', ...outcomes] = line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim());
      return { subgraph, field: field.replaceAll('`', ''), needs, outcomes };
    });
}
