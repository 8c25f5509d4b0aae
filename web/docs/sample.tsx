import { useEffect, useId, useState } from 'preact/hooks';
import { LANGUAGES, type Language } from './samples.ts';

/** One choice for the whole page: who reads Python reads it everywhere. */
let chosen: Language = 'curl';
const listeners = new Set<(language: Language) => void>();

function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(chosen);
  useEffect(() => {
    listeners.add(setLanguage);
    return () => void listeners.delete(setLanguage);
  }, []);
  const choose = (next: Language): void => {
    chosen = next;
    for (const listener of listeners) listener(next);
  };
  return [language, choose];
}

const COPIED_MS = 2_000;

/** Source text in each language: tabs that arrow keys lead through, and a button that copies. */
export function Sample({ title, textIn }: { readonly title: string; readonly textIn: (language: Language) => string }) {
  const [language, choose] = useLanguage();
  const id = useId();
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = LANGUAGES[(LANGUAGES.indexOf(language) + step + LANGUAGES.length) % LANGUAGES.length] ?? language;
    choose(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div>
      <div class="languages">
        <div role="tablist" aria-label={`Language of the sample of ${title}`}>
          {LANGUAGES.map((one) => (
            <button
              key={one}
              id={`${id}-${one}`}
              type="button"
              role="tab"
              aria-selected={one === language}
              aria-controls={`${id}-text`}
              tabIndex={one === language ? 0 : -1}
              onClick={() => choose(one)}
              onKeyDown={onKey}
            >
              {one}
            </button>
          ))}
        </div>
        <Copy text={textIn(language)} />
      </div>
      <div role="tabpanel" id={`${id}-text`} aria-labelledby={`${id}-${language}`}>
        <Code text={textIn(language)} name="sample" />
      </div>
    </div>
  );
}

/** Text that may be wider than its place: the keyboard can scroll it. */
export function Code({ text, name }: { readonly text: string; readonly name?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <pre class={name} tabIndex={0}>
      {text}
    </pre>
  );
}

function Copy({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('Copy');
  useEffect(() => {
    if (said === 'Copy') return;
    const timer = setTimeout(() => setSaid('Copy'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [said]);
  // Without TLS a browser gives no clipboard except on this machine.
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed'),
    );
  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">{said}</span>
    </button>
  );
}
