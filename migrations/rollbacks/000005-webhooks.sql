--! Undoes: sha1:0e55d8fae4c686370cf1a77bd21e8f9f703df9b3
--! Loses: the rows of app.delivery, the rows of app.delivery_attempt, the rows of app.delivery_status, the rows of app.webhook_endpoint, the rows of app.webhook_endpoint_status, the rows of platform.delivery_batch, the rows of platform.delivery_queue, the rows of platform.webhook_secret, the rows of platform.worker_process

-- Undoes "webhooks".
set local check_function_bodies = off;
delete from platform.entity where (name) in (('webhook_endpoint_status'), ('delivery_status'), ('webhook_endpoint'), ('delivery'), ('delivery_attempt'));
delete from platform.event_type where (type) in (('webhook_endpoint.created'), ('webhook_endpoint.enabled'), ('webhook_endpoint.updated'), ('webhook_endpoint.disabled'));
delete from platform.permission where (key) in (('webhook_endpoint:read'), ('webhook_endpoint:create'), ('webhook_endpoint:enable'), ('webhook_endpoint:update'), ('webhook_endpoint:disable'), ('delivery:read'), ('delivery:resend'), ('delivery_attempt:read'));
delete from platform.role_permission where (role, permission) in (('admin', 'webhook_endpoint:read'), ('admin', 'webhook_endpoint:create'), ('admin', 'webhook_endpoint:enable'), ('admin', 'webhook_endpoint:update'), ('admin', 'webhook_endpoint:disable'), ('admin', 'delivery:read'), ('admin', 'delivery:resend'), ('admin', 'delivery_attempt:read'));
delete from platform.transition where (entity, name, from_state) in (('webhook_endpoint', 'enable', 'disabled'), ('webhook_endpoint', 'disable', 'enabled'));
revoke select on platform.event_task from freehold_dispatcher;
drop trigger _500_fan_out on app.event;
drop table app.delivery_status;
drop table platform.delivery_queue;
drop table platform.webhook_secret;
drop table platform.worker_process;
drop routine app.create_webhook_endpoint(url text, event_types text[], description text);
drop routine app.disable_webhook_endpoint(id uuid, expected_version integer);
drop routine app.enable_webhook_endpoint(id uuid, expected_version integer);
drop routine app.resend_delivery(id uuid);
drop routine platform.claim_deliveries(most integer, batch_size integer, lease interval, in_flight integer);
drop routine platform.closed_tenants();
drop routine platform.fan_out();
drop routine platform.finish_deliveries(batch uuid, claim integer, results json, last boolean);
drop routine platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer);
drop routine platform.forget_deliveries(most integer);
drop routine platform.load_deliveries(batch uuid, claim integer, lease interval);
drop routine platform.load_task(tenant uuid, delivery uuid);
drop routine platform.make_all_partitions();
drop routine platform.purge_tenant(tenant uuid, most integer);
drop routine platform.renew_batch(batch uuid, claim integer, lease interval);
drop routine platform.retry_delay(failed_attempts integer);
drop routine platform.wake_dispatcher();
drop type app.created_webhook_endpoint;
drop table app.delivery;
drop table app.delivery_attempt;
drop table app.webhook_endpoint;
drop table app.webhook_endpoint_status;
drop table platform.delivery_batch;
drop routine app.webhook_endpoint_check_types();
drop routine generated.webhook_endpoint_begin();
drop routine generated.webhook_endpoint_follow();
drop routine generated.webhook_endpoint_record_insert();
drop routine generated.webhook_endpoint_record_update();
