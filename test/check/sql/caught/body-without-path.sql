create function app.count_notes() returns bigint language plpgsql stable as $$ -- caught
begin
  return (select count(*) from app.note);
end
$$;
comment on function app.count_notes() is 'A body kept as text.';
create function app.count_again() returns bigint language sql stable as 'select count(*) from app.note'; -- caught
comment on function app.count_again() is 'A body kept as text.';
