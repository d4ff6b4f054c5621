--! Message: a note's text

alter table app.note rename column body to text; -- caught
alter table if exists only app.note rename title to heading; -- caught
alter table app.note rename to remark; -- caught
alter view app.shown rename to seen; -- caught
alter function app.rename_note(uuid, text) rename to retitle_note; -- caught
alter function app.rename_note(uuid, text) set schema old_app; -- caught
alter type app.colour rename value 'red' to 'crimson'; -- caught
alter table app.project set schema old_app; -- caught
