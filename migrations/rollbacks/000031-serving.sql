--! Undoes: sha1:44e4f8474d3260248c17ce860265d68a0f9b19da
--! Loses: platform.deployment.oldest_code, the rows of platform.serving_process

-- Undoes "serving".
set local check_function_bodies = off;
revoke select on platform.deployment from freehold_janitor;
alter table platform.deployment drop column oldest_code;
drop routine platform.end_serving(process uuid);
drop routine platform.report_serving(process uuid, kind text, version text, migration text, host text);
drop routine platform.serving_processes(silence interval);
drop table platform.serving_process;
