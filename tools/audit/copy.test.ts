import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditFolder } from './copy.ts';

describe('the folder of the audit', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'greencity-audit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('must be named', () => {
    expect(() => auditFolder(undefined)).toThrow('--dir PATH');
  });

  it('must hold the audit', () => {
    expect(() => auditFolder(folder)).toThrow('holds no src/index.ts');
    expect(() => auditFolder(join(folder, 'missing'))).toThrow('holds no src/index.ts');
  });

  it('must be installed', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/index.ts'), '');
    expect(() => auditFolder(folder)).toThrow('run npm install there');
  });
});
