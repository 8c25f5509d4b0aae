import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('./forgotten-errors.ts', import.meta.url).href;
const PRELUDE = `
  import { buildSchema, execute, parse } from 'graphql';
  const { toleratingForgottenErrors } = await import(${JSON.stringify(MODULE)});
  const nothing = () => {};
  const log = { debug: nothing, info: nothing, warn: () => console.log('warned'), error: nothing, child: () => log };
  using tolerating = toleratingForgottenErrors(log);
  const turns = async () => { for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve)); };
`;

/** A process of its own, since the test runner listens for unhandled rejections, too. */
function run(script: string): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PRELUDE + script];
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const child = execFile(process.execPath, args, { cwd }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

describe('an unhandled rejection', () => {
  it('does not end the process when it is a field that graphql-js forgot', async () => {
    const { code, output } = await run(`
      const schema = buildSchema('type Query { list: [Item!] } type Item { a: String! }');
      schema.getQueryType().getFields().list.resolve = () => [1, 2];
      schema.getType('Item').getFields().a.resolve = (item) => {
        if (item === 2) throw new Error('now');
        return new Promise((_, reject) => setImmediate(() => reject(new Error('later'))));
      };
      const { errors } = await execute({ schema, document: parse('{ list { a } }') });
      await turns();
      console.log('alive', errors[0].message);`);
    expect(output).toContain('warned\nalive now');
    expect(code).toBe(0);
  });

  it('ends the process when it is our mistake', async () => {
    const { code, output } = await run(`
      void Promise.reject(new Error('a mistake'));
      await turns();
      console.log('alive');`);
    expect(output).toContain('a mistake');
    expect(output).not.toContain('alive');
    expect(code).not.toBe(0);
  });
});
