/*
 * List prices on demand of us-east-1 in US dollars, from memory of AWS's public price lists as of 2025-11; a month has 730 hours. Other
 * regions are dearer, eu-central-1 by a tenth to a fifth. For estimates, not for budgets: calculator.aws knows today's.
 */
export const hoursOfMonth = 730;

/** An hour of a PostgreSQL instance without a standby; with one, twice as much. */
export const databaseHour: Readonly<Record<string, number>> = {
  't4g.small': 0.032,
  't4g.medium': 0.065,
  'r7g.large': 0.239,
};

export const prices = {
  /** A GB of gp3, a month; twice as much with a standby. */
  databaseStorage: 0.115,
  /** A GB of snapshots, a month. */
  snapshot: 0.095,
  /** Fargate on ARM, an hour. */
  vcpuHour: 0.03238,
  memoryHour: 0.00356,
  /** A zone of the NAT gateway, an hour; a GB through it. */
  natHour: 0.045,
  natGigabyte: 0.045,
  /** A public IPv4 address, an hour: three of the NAT gateway, three of the load balancer. */
  addressHour: 0.005,
  /** The load balancer, and one of its capacity units, an hour. */
  balancerHour: 0.0225,
  capacityUnitHour: 0.008,
  /** The web ACL, and each of its rules, a month; a million requests. */
  firewall: 5,
  firewallRule: 1,
  firewallMillion: 0.6,
  /** A GB of lines taken in. */
  logGigabyte: 0.5,
  secret: 0.4,
  key: 1,
  alarm: 0.1,
  compositeAlarm: 0.5,
  /** Ten million samples of metrics. */
  metricSamples: 0.9,
} as const;
