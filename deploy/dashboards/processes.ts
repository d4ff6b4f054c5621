import { curves, dashboardJson, figure, rows } from './panels.ts';

const requests = 'http_server_request_duration_seconds_count{job="server"}';
const quantiles = (metric: string, selector = '') =>
  [0.5, 0.95, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (rate(${metric}_bucket${selector}[$__rate_interval])))`,
    legend: `p${quantile * 100}`,
  }));

/** The server: what its callers see, and what it is short of. */
export const service = () =>
  dashboardJson({
    uid: 'freehold-service',
    title: 'Freehold: service',
    description: 'The API and signing in: rate, errors, duration, and what the processes are short of.',
    from: 'now-6h',
    panels: [
      figure('Servers', 'short', [{ expr: 'sum(up{job="server"})', legend: 'up' }]),
      figure('Requests', 'reqps', [{ expr: `sum(rate(${requests}[$__rate_interval]))`, legend: 'all' }]),
      figure(
        'Failed by our fault',
        'percentunit',
        [{ expr: 'slo:error_ratio:rate5m{slo="api-errors"}', legend: 'of the last 5 minutes' }],
        { alarm: 0.005 },
      ),
      figure(
        'Slower than 500 ms',
        'percentunit',
        [{ expr: 'slo:error_ratio:rate5m{slo="api-latency"}', legend: 'of the last 5 minutes' }],
        { alarm: 0.05 },
      ),
      curves(
        'Requests by outcome',
        'reqps',
        [{ expr: `sum by (outcome) (rate(${requests}[$__rate_interval]))`, legend: '{{outcome}}' }],
        { stacked: true },
      ),
      curves('Duration', 's', quantiles('http_server_request_duration_seconds', '{job="server"}'), {
        alarm: 0.5,
      }),
      curves(
        'Slowest operations, p95',
        's',
        [
          {
            expr: 'topk(10, histogram_quantile(0.95, sum by (le, http_route, graphql_operation_name) (rate(http_server_request_duration_seconds_bucket{job="server"}[$__rate_interval]))))',
            legend: '{{http_route}} {{graphql_operation_name}}',
          },
        ],
        { description: 'Without traffic an operation has no line.' },
      ),
      curves(
        'Queries for each request',
        'short',
        [
          {
            expr: `topk(10, sum by (http_route, graphql_operation_name) (rate(freehold_request_queries_total[$__rate_interval])) / (sum by (http_route, graphql_operation_name) (rate(${requests}[$__rate_interval])) > 0))`,
            legend: '{{http_route}} {{graphql_operation_name}}',
          },
        ],
        { alarm: 50, description: 'One for each row is an N+1.' },
      ),
      curves('Errors by code', 'ops', [
        { expr: 'sum by (code) (rate(freehold_errors_total[$__rate_interval]))', legend: '{{code}}' },
      ]),
      curves('Sign-ins', 'ops', [
        { expr: 'sum by (outcome) (rate(freehold_logins_total[$__rate_interval]))', legend: '{{outcome}}' },
      ]),
      curves(
        'Connections in use, of those that a pool may have',
        'percentunit',
        [
          {
            expr: 'sum by (job, instance, db_client_connection_pool_name) (db_client_connection_count{db_client_connection_state="used"}) / sum by (job, instance, db_client_connection_pool_name) (db_client_connection_max)',
            legend: '{{instance}} {{db_client_connection_pool_name}}',
          },
        ],
        { alarm: 1 },
      ),
      curves('Who waits for a connection', 'short', [
        {
          expr: 'max by (job, instance, db_client_connection_pool_name) (db_client_connection_pending_requests)',
          legend: '{{instance}} {{db_client_connection_pool_name}}',
        },
      ]),
      curves(
        'Event loop, how late (p99)',
        's',
        [{ expr: 'max by (job, instance) (nodejs_eventloop_delay_p99_seconds)', legend: '{{instance}}' }],
        { width: 8, alarm: 0.25 },
      ),
      curves(
        'Event loop, how busy',
        'percentunit',
        [{ expr: 'max by (job, instance) (nodejs_eventloop_utilization_ratio)', legend: '{{instance}}' }],
        { width: 8 },
      ),
      curves(
        'Contexts that were kept',
        'percentunit',
        [
          {
            expr: 'sum(rate(freehold_context_cache_requests_total{result="hit"}[$__rate_interval])) / (sum(rate(freehold_context_cache_requests_total[$__rate_interval])) > 0)',
            legend: 'hits',
          },
        ],
        { width: 8 },
      ),
      curves(
        'Refused by row-level security',
        'ops',
        [
          {
            expr: 'sum by (reason) (rate(freehold_rls_refusals_total[$__rate_interval]))',
            legend: '{{reason}}',
          },
        ],
        { width: 8 },
      ),
      curves(
        'Streams of events',
        'short',
        [
          { expr: 'sum(freehold_event_streams)', legend: 'open' },
          {
            expr: 'sum by (reason) (rate(freehold_event_streams_ended_total[$__rate_interval]))',
            legend: 'ended a second: {{reason}}',
          },
        ],
        { width: 8 },
      ),
      curves(
        'From an event to its streams, p95',
        's',
        [
          {
            expr: 'histogram_quantile(0.95, sum by (le) (rate(freehold_event_stream_delay_seconds_bucket[$__rate_interval])))',
            legend: 'p95',
          },
        ],
        { width: 8 },
      ),
      rows('Alerts that fire', 'count by (alertname, severity, slo) (ALERTS{alertstate="firing"})'),
      rows('What runs', 'count by (job, instance, service_version) (target_info)'),
    ],
  });

/** The worker: what waits, and how long. */
export const queue = () =>
  dashboardJson({
    uid: 'freehold-queue',
    title: 'Freehold: queue',
    description:
      'Deliveries, jobs and what follows from the identity provider: what waits, how long, and what fails.',
    from: 'now-6h',
    panels: [
      figure('Workers', 'short', [{ expr: 'sum(up{job="worker"})', legend: 'up' }]),
      figure(
        'The oldest delivery has been due for',
        's',
        [{ expr: 'max(freehold_oldest_due_delivery_seconds)', legend: 'oldest' }],
        { alarm: 60 },
      ),
      figure(
        'Business metrics are behind by',
        's',
        [{ expr: 'max(freehold_relay_lag_seconds)', legend: 'lag' }],
        {
          alarm: 300,
        },
      ),
      figure(
        'First attempts later than 5 s',
        'percentunit',
        [{ expr: 'slo:error_ratio:rate5m{slo="delivery-first-attempt"}', legend: 'of the last 5 minutes' }],
        { alarm: 0.01 },
      ),
      curves('What waits', 'short', [{ expr: 'max by (queue) (freehold_queue_depth)', legend: '{{queue}}' }]),
      curves(
        'From commit to first attempt',
        's',
        quantiles('freehold_delivery_first_attempt_delay_seconds', '{job="worker"}'),
        { alarm: 5 },
      ),
      curves(
        'Attempts',
        'ops',
        [
          {
            expr: 'sum by (outcome) (rate(freehold_delivery_attempt_duration_seconds_count[$__rate_interval]))',
            legend: '{{outcome}}',
          },
        ],
        { stacked: true, description: 'A failed attempt is mostly the receiver: it is tried again.' },
      ),
      curves('Duration of an attempt', 's', quantiles('freehold_delivery_attempt_duration_seconds')),
      curves('Jobs', 'ops', [
        {
          expr: 'sum by (task, outcome) (rate(freehold_job_duration_seconds_count[$__rate_interval]))',
          legend: '{{task}} {{outcome}}',
        },
      ]),
      curves('Duration of a job, p95', 's', [
        {
          expr: 'histogram_quantile(0.95, sum by (le, task) (rate(freehold_job_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{task}}',
        },
      ]),
      curves('How old the oldest is', 's', [
        { expr: 'max(freehold_oldest_due_delivery_seconds)', legend: 'delivery that is due' },
        { expr: 'max(freehold_oldest_due_job_seconds)', legend: 'job that is due' },
        { expr: 'max(freehold_relay_lag_seconds)', legend: 'event that is not counted' },
      ]),
      curves('Connections of the worker', 'short', [
        {
          expr: 'sum by (instance, db_client_connection_state) (db_client_connection_count{job="worker"})',
          legend: '{{instance}} {{db_client_connection_state}}',
        },
        {
          expr: 'max by (instance) (db_client_connection_pending_requests{job="worker"})',
          legend: '{{instance}} waits',
        },
      ]),
    ],
  });
