--! Message: indexes

create index note_title on app.note (tenant_id, title); -- caught
create unique index if not exists note_title on only app.note (tenant_id, title); -- caught
create index happening_two on app.happening (tenant_id, id); -- caught
do $$
begin
  execute 'create index note_three on app.note (tenant_id)'; -- caught
end
$$;
