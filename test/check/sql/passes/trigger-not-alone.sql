--! Message: a trigger

create trigger _200_check before insert on app.note for each row execute function app.check_note();
create trigger _210_check before update on app.note for each row execute function app.check_note();
