import { describe, expect, it } from 'vitest';
import { openSessions } from './session.ts';

const HOUR_MS = 3_600_000;

/** A platform that gives these answers, one after the other. */
function answering(...answers: readonly unknown[]) {
  const asked: { readonly query: string; readonly variables: unknown }[] = [];
  const fetched = async (_: string, init: RequestInit): Promise<Response> => {
    asked.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(answers[asked.length - 1]));
  };
  return { asked, fetched };
}

function session(accessToken: string, endsInMs: number) {
  const expiresAt = new Date(Date.now() + endsInMs).toISOString();
  return { accessToken, refreshToken: `${accessToken} refresh`, expiresAt, user: { email: 'a@b.c', role: 'ADMIN' } };
}

describe('a session in GraphiQL', () => {
  it('gives the header of each call until it is signed out', async () => {
    const { fetched } = answering({ data: { signIn: session('one', HOUR_MS) } });
    const sessions = openSessions('/graphql', fetched);
    expect(await sessions.authorization()).toBeUndefined();
    expect(await sessions.signIn('a@b.c', 'secret')).toEqual({ email: 'a@b.c', role: 'ADMIN' });
    expect(await sessions.authorization()).toBe('Bearer one');
    sessions.signOut();
    expect(await sessions.authorization()).toBeUndefined();
    expect(sessions.current).toBeUndefined();
  });

  it('says what the platform said when it refuses', async () => {
    const { fetched } = answering({ data: null, errors: [{ message: 'Sign in first.' }] });
    await expect(openSessions('/graphql', fetched).signIn('a@b.c', 'wrong')).rejects.toThrow('Sign in first.');
  });

  it('renews a token that is about to end, once for all who ask', async () => {
    const { asked, fetched } = answering(
      { data: { signIn: session('one', 10_000) } },
      { data: { refreshSession: session('two', HOUR_MS) } },
    );
    const sessions = openSessions('/graphql', fetched);
    await sessions.signIn('a@b.c', 'secret');
    expect(await Promise.all([sessions.authorization(), sessions.authorization()])).toEqual([
      'Bearer two',
      'Bearer two',
    ]);
    expect(asked[1]?.variables).toEqual({ token: 'one refresh' });
    expect(asked).toHaveLength(2);
  });

  it('is over when its token cannot be renewed', async () => {
    const { fetched } = answering({ data: { signIn: session('one', 10_000) } }, { errors: [{ message: 'no' }] });
    const sessions = openSessions('/graphql', fetched);
    let over = 0;
    sessions.onOver(() => {
      over += 1;
    });
    await sessions.signIn('a@b.c', 'secret');
    expect(await sessions.authorization()).toBeUndefined();
    expect(sessions.current).toBeUndefined();
    expect(over).toBe(1);
  });

  it('outlives a platform that does not answer for a while', async () => {
    const { fetched } = answering({ data: { signIn: session('one', 10_000) } });
    let away = false;
    const sessions = openSessions('/graphql', async (url, init) => {
      if (away) throw new TypeError('Failed to fetch');
      return await fetched(url, init);
    });
    await sessions.signIn('a@b.c', 'secret');
    away = true;
    expect(await sessions.authorization()).toBe('Bearer one');
    expect(sessions.current).toEqual({ email: 'a@b.c', role: 'ADMIN' });
    await expect(sessions.signIn('a@b.c', 'secret')).rejects.toThrow('The platform does not answer.');
  });
});
