/** The outcomes as a table in Markdown. */
import type { Outcome } from './fault.ts';

const HEAD = [
  'broken',
  'sent',
  'acknowledged',
  'found',
  'refused',
  'lost',
  'doubled',
  'recovered after, s',
  'queries meanwhile',
  '`/ready` meanwhile',
];

function queries({ answered }: Outcome): string {
  const all = [...answered].filter(([, { asked, worked }]) => asked === worked).map(([name]) => name);
  const some = [...answered].filter(([, { asked, worked }]) => asked !== worked);
  if (some.length === 0) return 'all';
  const failing = some.map(([name, { asked, worked }]) => `${name} ${worked} of ${asked}`).join(', ');
  return all.length === 0 ? failing : `${all.join(', ')}; ${failing}`;
}

function ready({ said, ended }: Outcome): string {
  const words = [...said].map(([role, all]) => `${role}: ${[...all].join('; ')}`);
  const crashed = ended.map((one) => `**${one.split(':')[0]} ended by itself**`);
  return [...words, ...crashed].join('<br>') || 'all ready';
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.name,
    ...[outcome.sent, outcome.acknowledged, outcome.found, outcome.refused, outcome.lost, outcome.doubled].map(String),
    (outcome.recoveredMs / 1000).toFixed(1),
    queries(outcome),
    ready(outcome),
  ]);
  const aligned = HEAD.map((_, column) => (column > 0 && column < 8 ? '--:' : '---'));
  return [HEAD, aligned, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
