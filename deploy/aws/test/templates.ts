import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Environment, environments, sizes } from '../sizes.ts';
import { FreeholdStack } from '../stack/stack.ts';

/** One of a template's resources. */
export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string[];
}

/** Of all environments, synthesised once. Loading it fails where cdk-nag finds what nobody has acknowledged. */
export const templates = Object.fromEntries(
  environments.map((name) => {
    const app = new App({ analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return [
      name,
      Template.fromStack(new FreeholdStack(app, 'freehold', sizes[name], { stackName: `freehold-${name}` })),
    ];
  }),
) as Record<Environment, Template>;

export const resourcesOf = (name: Environment): Record<string, Resource> =>
  (templates[name].toJSON() as { Resources: Record<string, Resource> }).Resources;
