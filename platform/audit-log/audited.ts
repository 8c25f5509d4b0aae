import { AppError } from '../errors.ts';
import type { SubgraphContext } from '../graphql/port.ts';
import type { AuditLog } from './audit-log.ts';

type Mutation = (parent: never, args: never, context: never, info: never) => unknown;
type Audited = SubgraphContext & { readonly audit: AuditLog };
type Names = Readonly<Record<string, unknown>> | null | undefined;

/** Refusals that say that somebody tried what they may not; wrong input and floods would only fill the log. */
const TOLD_REFUSALS = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND']);
/** Happens every few minutes for every client, and says nothing when it succeeds. */
const QUIET = new Set(['refreshSession']);

/** Mutations, each of which writes to the audit log what came of it before it answers. */
export function audited<M extends Record<string, Mutation>>(mutations: M): M {
  const entries = Object.entries(mutations).map(([action, mutation]) => {
    const watched: Mutation = async (parent, args, context, info) => {
      const { audit, viewer } = context as Audited;
      try {
        const result = await mutation(parent, args, context, info);
        if (!QUIET.has(action))
          await audit.record({ action, subject: subjectOf(args, result), outcome: 'DONE', viewer });
        return result;
      } catch (error) {
        if (error instanceof AppError && TOLD_REFUSALS.has(error.code))
          await audit.record({ action, subject: subjectOf(args, undefined), outcome: 'REFUSED', viewer });
        throw error;
      }
    };
    return [action, watched];
  });
  return Object.fromEntries(entries) as M;
}

function listed(values: unknown): string | undefined {
  return Array.isArray(values) ? values.join(' ') : undefined;
}

/** The devices that a list of measurements is of, each once. */
function devicesIn(input: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(input)) return undefined;
  return [...new Set(input.map((item: Names) => item?.['deviceId']))];
}

/** People type a password where the email belongs: what is no email is not written down. */
function emailIn(names: Names): string | undefined {
  const email = names?.['email'];
  return typeof email === 'string' && /^[^@\s]+@[^@\s]+$/.test(email.trim()) ? email.trim() : undefined;
}

/** What a mutation was about, by the names that our mutations give it. Secrets have other names. */
function subjectOf(args: Names, result: unknown): string {
  const input = args?.['input'] as Names;
  const given = result as Names;
  const about = [
    listed(args?.['offsets']),
    listed(devicesIn(input)),
    args?.['id'],
    args?.['deviceId'],
    input?.['id'],
    (given?.['device'] as Names)?.['id'],
    (given?.['key'] as Names)?.['id'],
    (given?.['user'] as Names)?.['id'],
    typeof result === 'string' ? result : given?.['id'],
    emailIn(args),
    emailIn(input),
  ];
  return String(about.find((candidate) => typeof candidate === 'string') ?? '');
}
