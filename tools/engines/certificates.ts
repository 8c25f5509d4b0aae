/** A certificate authority of its own for each start, and a certificate for 127.0.0.1 from it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './program.ts';

export interface Certificates {
  /** Files in PEM. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
const DAYS = '30';

/** Makes both in a folder; needs openssl. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const below = (name: string) => join(folder, name);
  const openssl = (args: readonly string[]) => runProgram('openssl', args, { cwd: folder });
  await openssl([
    'req',
    '-x509',
    ...CURVE,
    '-days',
    DAYS,
    '-subj',
    '/CN=greencity-test',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  ]);
  await openssl(['req', ...CURVE, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr']);
  await writeFile(below('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  const request = ['x509', '-req', '-in', 'server.csr', '-days', DAYS, '-extfile', 'names', '-out', 'server.crt'];
  await openssl([...request, ...authority]);
  return { ca: below('ca.crt'), certificate: below('server.crt'), key: below('server.key') };
}
