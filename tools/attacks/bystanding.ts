import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BystanderSettings, Report } from './bystander.ts';

const PROGRAM = fileURLToPath(new URL('./bystander.ts', import.meta.url));

/** The other client, in its own process. */
export interface Bystander extends Disposable {
  begin(): void;
  /** How it fared since it was told to begin; resolves when everything that it asked for has been answered. */
  report(): Promise<Report>;
}

export async function openBystander(settings: BystanderSettings): Promise<Bystander> {
  const child = fork(PROGRAM, [JSON.stringify(settings)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  await once(child, 'message');
  return {
    begin: () => void child.send('begin'),
    async report() {
      child.send('report');
      const [report] = (await once(child, 'message')) as [Report];
      return report;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
