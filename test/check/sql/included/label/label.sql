select platform.declare_record('app.label', permissions => '{}');
create or replace trigger _200_check
before insert on app.label
for each row execute function app.check_label();
