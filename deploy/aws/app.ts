import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { environments, sizes } from './sizes.ts';
import { FreeholdStack } from './stack/stack.ts';

/*
 * One environment at a time: cdk synth -c environment=staging. The construct is called the same in each, because ids and names are made
 * of what it is called; the stack is freehold-staging.
 */
const app = new App({ analyticsReporting: false });
const asked: unknown = app.node.tryGetContext('environment');
const environment = environments.find((name) => name === asked);
if (!environment) throw new Error(`Say which environment: -c environment=${environments.join(' | ')}`);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new FreeholdStack(app, 'freehold', sizes[environment], { stackName: `freehold-${environment}` });
