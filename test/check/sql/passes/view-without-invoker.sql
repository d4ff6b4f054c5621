create view app.open_note with (security_invoker = true) as select n.id from app.note n;
comment on view app.open_note is 'Reads as its caller.';
create or replace view app.other_note with (security_barrier, security_invoker) as select n.id from app.note n;
comment on view app.other_note is 'Reads as its caller.';

alter view app.project_name set (security_invoker = true);
