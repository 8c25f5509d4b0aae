/** What was started and where, for people. */
import type { City } from './city.ts';

type Row = readonly [what: string, where: string, pid: string];

function columns(rows: readonly Row[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(([what, where, pid]) => `  ${what.padEnd(widths[0] ?? 0)}  ${where.padEnd(widths[1] ?? 0)}  ${pid}`)
    .join('\n');
}

/** One table of addresses with process ids, and how to sign in and to feed the city. */
export function addressTable({ engines, processes, roles, admin, mqttUrl }: City): string {
  const rows: Row[] = [
    ['what', 'where', 'process'],
    ...processes.map(({ role, url, pid }): Row => [role, url, String(pid)]),
    ...Object.entries(engines).map(([name, { address, pid }]): Row => [name, address, String(pid)]),
  ];
  const { url } = roles.gateway;
  return [
    'The city is up: each role in a process of its own, on real engines.\n',
    columns(rows),
    `\n  Map ${url}   GraphiQL ${url}/graphiql   Administrator ${admin.email}, password ${admin.password}`,
    '\nFeed it from another terminal:\n',
    `  ADMIN_EMAIL=${admin.email} ADMIN_PASSWORD=${admin.password} npm run simulate -- --url ${url} --mqtt ${mqttUrl}`,
    '\nCtrl-C ends everything; nothing is kept.',
  ].join('\n');
}
