import { createElement, type FormEvent, useState } from 'react';
import type { Session, Sessions } from './session.ts';

interface SignInProps {
  readonly sessions: Sessions;
  readonly session: Session | undefined;
  readonly changed: (session: Session | undefined) => void;
}

/** The bar above the editor: where else to go, and who is signed in. */
export function SignIn({ sessions, session, changed }: SignInProps) {
  return createElement(
    'header',
    { className: 'bar' },
    createElement('h1', null, 'GraphiQL'),
    createElement('a', { href: '/' }, 'Map'),
    createElement('a', { href: '/docs' }, 'API reference'),
    createElement('span', { className: 'space' }),
    session
      ? createElement(SignedIn, {
          session,
          signOut() {
            sessions.signOut();
            changed(undefined);
          },
        })
      : createElement(Form, { sessions, changed }),
  );
}

function SignedIn({ session, signOut }: { readonly session: Session; readonly signOut: () => void }) {
  return createElement(
    'span',
    { className: 'signed-in' },
    `${session.email} (${session.role})`,
    createElement('button', { type: 'button', onClick: signOut }, 'Sign out'),
  );
}

function Form({ sessions, changed }: Pick<SignInProps, 'sessions' | 'changed'>) {
  const [fault, setFault] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    try {
      changed(await sessions.signIn(String(given.get('email')), String(given.get('password'))));
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  const input = (name: string, type: string, autoComplete: string) =>
    createElement('input', { name, type, autoComplete, required: true, placeholder: name, 'aria-label': name });
  return createElement(
    'form',
    { onSubmit: (event: FormEvent<HTMLFormElement>) => void submit(event) },
    fault === undefined ? null : createElement('span', { role: 'alert' }, fault),
    input('email', 'email', 'username'),
    input('password', 'password', 'current-password'),
    createElement('button', { type: 'submit' }, 'Sign in'),
  );
}
