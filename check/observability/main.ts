import { generatedFiles } from '../../deploy/generated.ts';
import { unifiedDiff } from '../diff.ts';
import { observabilityFiles } from './files.ts';
import { findProblems } from './problems.ts';

/*
 * npm run check -- slo: what npm run slo writes is as committed, and rules, dashboards and runbooks name what there is.
 */
const problems = findProblems(observabilityFiles());
for (const { path, present, text } of generatedFiles()) {
  const detail = unifiedDiff(present, text);
  if (detail) problems.push(`${path} is not what npm run slo writes (- committed, + written)\n\n${detail}\n`);
}
for (const problem of problems) console.log(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
