import type { Language } from './samples.ts';

const NAMES: Readonly<Record<string, Language>> = { sh: 'curl', js: 'JavaScript', python: 'Python' };

/** Samples of one kind of call, by language. */
export interface Chapter {
  readonly title: string;
  readonly samples: Readonly<Record<Language, string>>;
}

/** The chapters of docs/api.md that show a call in each language, asked of this host. A test runs each sample as it stands there. */
export function chapters(markdown: string, origin: string): readonly Chapter[] {
  return markdown.split(/^## /m).flatMap((text) => {
    const blocks = [...text.matchAll(/```(sh|js|python)\n([\s\S]*?)\n```/g)].map(
      ([, language = '', code = '']) => [NAMES[language], code.replaceAll('http://localhost:4000', origin)] as const,
    );
    if (blocks.length !== Object.keys(NAMES).length) return [];
    return [{ title: text.split('\n', 1)[0] ?? '', samples: Object.fromEntries(blocks) as Chapter['samples'] }];
  });
}
