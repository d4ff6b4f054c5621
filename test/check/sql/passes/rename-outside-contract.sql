--! Message: a note's text

alter index app.note_number rename to note_by_number;
create table platform.scratch (id uuid);
comment on table platform.scratch is 'A scratch.';
alter table platform.scratch rename column id to key;
alter table platform.scratch rename to scrap;
alter table platform.scrap rename key to id;
