import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { scenarios } from '../../../runtime/drill/scenarios.ts';

interface Rules {
  groups: { rules: { alert?: string; annotations?: { runbook_url?: string } }[] }[];
}
const rulesOf = (file: string) =>
  (parse(readFileSync(`deploy/prometheus/${file}`, 'utf8')) as Rules).groups.flatMap(({ rules }) => rules);
const alerts = [...rulesOf('slo-rules.yaml'), ...rulesOf('alerts.yaml')].filter(({ alert }) => alert);

it('there is a drill for each of the incidents that are prepared for', () => {
  expect(Object.keys(scenarios).sort()).toEqual([
    'hanging-receiver',
    'lock-contention',
    'n-plus-one',
    'pool-exhaustion',
    'slow-query',
    'worker-stopped',
    'workos-down',
    'write-errors',
  ]);
});

it.each(Object.entries(scenarios))(
  '%s has a page, and an alert whose page leads there',
  (name, { alert }) => {
    const page = readFileSync(`docs/runbooks/${name}.md`, 'utf8');
    for (const part of [
      '**The alert:**',
      '**The trace:**',
      '## To be sure',
      '## What to do',
      `drill:incident -- ${name}`,
    ])
      expect(page).toContain(part);
    expect(page).toContain(alert);
    const rule = alerts.find((its) => its.alert === alert);
    expect(rule, `${alert} is an alert of deploy/prometheus`).toBeDefined();
    const runbook = String(rule?.annotations?.runbook_url);
    // The alert's own page, or one that it names.
    expect(`${runbook} ${readFileSync(runbook, 'utf8')}`).toContain(`${name}.md`);
  },
);
