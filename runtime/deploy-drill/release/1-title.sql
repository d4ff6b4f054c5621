-- A project's name becomes its title. First the new column, and a trigger that keeps both in step, whichever of them somebody writes.
--
-- Both have a default, for who knows one of them does not send the other: without, the API would demand both. The check holds for what is written from now on,
-- and is validated when the rows before are filled. Adding a column with a constant default rewrites nothing: the lock is held for milliseconds.
alter table app.project
  add column title text not null default '',
  add constraint project_title_check check (length(title) between 1 and 200) not valid,
  alter column name set default '';
comment on column app.project.title is E'@example Rocket\nWhat it is called, 1 to 200 characters.';

create function platform.keep_project_title()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.title := coalesce(nullif(new.title, ''), new.name);
  elsif new.title = old.title then
    new.title := new.name;
  end if;
  new.name := new.title;
  return new;
end
$$;
comment on function platform.keep_project_title() is
  'Trigger: name and title of a project are the same, whichever is written. Behind the guard, so that an update that changes nothing fills the title, and neither counts
as a version nor becomes an event.';
create trigger _150_keep_title before insert or update on app.project for each row execute function platform.keep_project_title();
