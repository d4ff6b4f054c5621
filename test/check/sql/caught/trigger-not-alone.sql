--! Message: a trigger

create or replace trigger _200_check before insert on app.note for each row execute function app.check_note(); -- caught
create trigger _200_check before insert on app.project for each row execute function app.check_project();
