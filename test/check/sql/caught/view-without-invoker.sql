create view app.open_note as select n.id from app.note n; -- caught
comment on view app.open_note is 'Reads as its owner.';
create or replace view app.other_note with (security_invoker = false) as select n.id from app.note n; -- caught
comment on view app.other_note is 'Reads as its owner.';

alter view app.project_name set (security_invoker = false); -- caught
alter view app.project_name reset (security_invoker); -- caught
alter view app.project_name set (security_barrier = true);
