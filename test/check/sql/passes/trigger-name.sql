create trigger _100_guard before update on app.note for each row execute function app.guard();
create or replace trigger _900_record after insert on app.note for each row execute function app.guard();
