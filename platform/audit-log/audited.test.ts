import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../clock/manual-clock.ts';
import { openSqliteDocuments } from '../documents/sqlite.ts';
import { AppError } from '../errors.ts';
import { userViewer } from '../graphql/viewer.ts';
import { memoryLog } from '../log/memory-log.ts';
import { type AuditLog, openAuditLog } from './audit-log.ts';
import { audited } from './audited.ts';

const viewer = userViewer('user-1', 'OPERATOR', { from: '192.0.2.7' });
const open = new AsyncDisposableStack();
let audit: AuditLog;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-audited-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  const documents = open.use(await openSqliteDocuments({ path: join(folder, 'documents.sqlite') }));
  audit = await openAuditLog({ documents, clock: manualClock(0), log: memoryLog() });
});
afterAll(() => open.disposeAsync());

/** What is written down when a mutation of this name is called with these arguments. */
async function written(action: string, args: object, come: () => unknown = () => 'done'): Promise<object | undefined> {
  const mutations = audited({ [action]: (_parent: never, _args: never, _context: never, _info: never) => come() });
  const before = (await audit.page(1, undefined)).items[0]?.document.seq ?? 0;
  const called = Promise.resolve(
    mutations[action]?.({} as never, args as never, { audit, viewer } as never, {} as never),
  );
  await called.catch(() => undefined);
  const newest = (await audit.page(1, undefined)).items[0]?.document;
  if (!newest || newest.seq === before) return undefined;
  const { subject, outcome, actor, from } = newest;
  return { action: newest.action, subject, outcome, actor, from };
}

const by = { actor: 'user:user-1', from: '192.0.2.7' };

describe('a mutation is written down', () => {
  it('by the id that it was given, or that it gives', async () => {
    const done = { outcome: 'DONE', ...by };
    expect(await written('resolveAlert', { id: 'alert-1' })).toEqual({
      action: 'resolveAlert',
      subject: 'alert-1',
      ...done,
    });
    const made = () => ({ id: 'rule-1' });
    expect(await written('createAlertRule', { input: { name: 'PM' } }, made)).toMatchObject({ subject: 'rule-1' });
  });

  it('by what its list is about', async () => {
    expect(await written('replayDeadLetters', { offsets: ['3', '4'] })).toMatchObject({ subject: '3 4' });
    const input = [{ deviceId: 'a' }, { deviceId: 'b' }, { deviceId: 'a' }];
    expect(await written('addMeasurements', { input })).toMatchObject({ subject: 'a b' });
    const long = await written('addMeasurements', {
      input: Array.from({ length: 999 }, (_, n) => ({ deviceId: `d${n}` })),
    });
    expect((long as { subject: string }).subject).toHaveLength(300);
  });

  it('by the email of a sign-in, and not by the password that somebody typed there', async () => {
    const refuse = () => {
      throw new AppError('UNAUTHENTICATED', 'wrong');
    };
    const signIn = (email: string) => written('signIn', { email, password: 'x' }, refuse);
    expect(await signIn(' ann@example.org')).toMatchObject({ subject: 'ann@example.org', outcome: 'REFUSED' });
    expect(await signIn('correct horse battery')).toMatchObject({ subject: '', outcome: 'REFUSED' });
  });

  it('when it is refused for what somebody may not, not when its input is wrong', async () => {
    const refuse = (code: 'NOT_FOUND' | 'BAD_USER_INPUT') => () => {
      throw new AppError(code, 'input');
    };
    expect(await written('deleteZone', { id: 'z' }, refuse('NOT_FOUND'))).toMatchObject({
      subject: 'z',
      outcome: 'REFUSED',
    });
    expect(await written('deleteZone', { id: 'z' }, refuse('BAD_USER_INPUT'))).toBeUndefined();
  });
});
