import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BystanderSettings, Report } from './bystander.ts';

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const QUIETLY = { execArgv: ['--disable-warning=ExperimentalWarning'] };

/** The other client, in its own process. */
export interface Bystander extends Disposable {
  begin(): void;
  /** How it fared since it was told to begin; resolves when everything that it asked for has been answered. */
  report(): Promise<Report>;
}

export async function openBystander(asked: Omit<BystanderSettings, 'idleUrl'>): Promise<Bystander> {
  const idle = fork(program('./idle-server.ts'), [], QUIETLY);
  const [port] = (await once(idle, 'message')) as [number];
  const settings: BystanderSettings = { ...asked, idleUrl: `http://127.0.0.1:${port}` };
  const child = fork(program('./bystander.ts'), [JSON.stringify(settings)], QUIETLY);
  await once(child, 'message');
  return {
    begin: () => void child.send('begin'),
    async report() {
      child.send('report');
      const [report] = (await once(child, 'message')) as [Report];
      return report;
    },
    [Symbol.dispose]() {
      child.kill();
      idle.kill();
    },
  };
}
