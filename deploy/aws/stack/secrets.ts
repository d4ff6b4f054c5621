import type { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export const logins = ['owner', 'gate', 'app', 'worker'] as const;
export type Login = (typeof logins)[number];

export interface Secrets {
  /** Field `password` of each: a task is given those of the logins that it uses. */
  readonly logins: Readonly<Record<Login, Secret>>;
  /** Fields `current` and `former`: FREEHOLD_SECRET_KEY, and FREEHOLD_FORMER_SECRET_KEYS. */
  readonly sealing: Secret;
  /** Fields `apiKey` and `webhookSecret`. */
  readonly workos: Secret;
  /** Field `url`: SMTP_URL. */
  readonly mail: Secret;
}

/** None has a name: CloudFormation makes one, so that an environment can be made anew while the old one's secrets wait to be deleted. */
export function addSecrets(stack: Stack, encryptionKey: IKey): Secrets {
  const scope = new Construct(stack, 'Secrets');
  const password = (login: Login): Secret => {
    const secret = new Secret(scope, `Login${login[0]?.toUpperCase()}${login.slice(1)}`, {
      description: `Password of freehold_${login}. docs/deployment.md says how to change it.`,
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: `freehold_${login}` }),
        generateStringKey: 'password',
        // It stands in a URL, and in PgBouncer's list.
        excludePunctuation: true,
        passwordLength: 48,
      },
    });
    acknowledge(
      secret,
      'SMG4',
      'A new password holds for new connections at once, while tasks that run know the old one: it is changed by a release (docs/deployment.md), not by the clock.',
    );
    return secret;
  };
  /** Written by whoever sets the environment up: until then its tasks do not start, and say which variable is wrong. */
  const given = (id: string, description: string, fields: readonly string[], reason: string): Secret => {
    const [first = '', ...rest] = fields;
    const secret = new Secret(scope, id, {
      description,
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify(Object.fromEntries(rest.map((field) => [field, '']))),
        generateStringKey: first,
        excludePunctuation: true,
      },
    });
    acknowledge(secret, 'SMG4', reason);
    return secret;
  };
  return {
    logins: {
      owner: password('owner'),
      gate: password('gate'),
      app: password('app'),
      worker: password('worker'),
    },
    sealing: given(
      'SealingKey',
      'FREEHOLD_SECRET_KEY (current) and FREEHOLD_FORMER_SECRET_KEYS (former): base64 of 32 bytes each.',
      ['current', 'former'],
      'A key is first given to all as a former one and only then made the current one: two releases (docs/deployment.md), which no schedule can see to.',
    ),
    workos: given(
      'Workos',
      'WORKOS_API_KEY (apiKey) and WORKOS_WEBHOOK_SECRET (webhookSecret).',
      ['apiKey', 'webhookSecret'],
      'WorkOS issues it: there is nothing here that could make another.',
    ),
    mail: given('Mail', 'SMTP_URL (url).', ['url'], 'The mail provider issues it.'),
  };
}
