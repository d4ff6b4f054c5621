import { CfnParameter, type Stack } from 'aws-cdk-lib';

/** What differs between accounts, and is no size. */
export interface Inputs {
  readonly domainName: string;
  readonly certificateArn: string;
  /** Repositories of this account's ECR: the product (deploy/aws/Dockerfile), PgBouncer (deploy/pgbouncer), and the collector, mirrored. */
  readonly repositories: Readonly<Record<Image, string>>;
  readonly digests: Readonly<Record<Image, string>>;
  readonly version: string;
  readonly alertEmail: string;
  readonly workosClientId: string;
  readonly mailFrom: string;
}

export type Image = 'product' | 'pooler' | 'collector';

const digest = 'sha256:[0-9a-f]{64}';

export function addInputs(stack: Stack): Inputs {
  const text = (id: string, description: string, rest: { default?: string; allowedPattern?: string } = {}) =>
    new CfnParameter(stack, id, { type: 'String', description, ...rest }).valueAsString;
  const image = (id: string, what: string) =>
    text(id, `Digest of ${what}: what was tested is what runs, whatever a tag says by then.`, {
      allowedPattern: digest,
    });
  return {
    domainName: text('DomainName', 'Host of PUBLIC_URL, such as app.example.com.', {
      allowedPattern: '[a-z0-9.-]+',
    }),
    certificateArn: text('CertificateArn', 'Of ACM in this region, for DomainName.', {
      allowedPattern: 'arn:[a-z-]+:acm:.+',
    }),
    repositories: {
      product: text('Repository', 'ECR repository of the product.', { default: 'freehold' }),
      pooler: text('PoolerRepository', 'ECR repository of PgBouncer.', { default: 'freehold-pgbouncer' }),
      collector: text('CollectorRepository', 'ECR repository of the OpenTelemetry collector (contrib).', {
        default: 'freehold-otel-collector',
      }),
    },
    digests: {
      product: image('ImageDigest', 'the product'),
      pooler: image('PoolerImageDigest', 'PgBouncer'),
      collector: image('CollectorImageDigest', 'the collector'),
    },
    version: text('Version', 'FREEHOLD_VERSION: the commit that is deployed.', { allowedPattern: '.+' }),
    alertEmail: text(
      'AlertEmail',
      'Who is told of alerts, until something better subscribes to the topics.',
      {
        allowedPattern: '[^@]+@[^@]+',
      },
    ),
    workosClientId: text('WorkosClientId', 'WORKOS_CLIENT_ID.', { allowedPattern: '.+' }),
    mailFrom: text('MailFrom', 'MAIL_FROM: sender of mails.', { allowedPattern: '.+@.+' }),
  };
}
