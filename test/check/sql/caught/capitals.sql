SELECT 1; -- caught
select n.Title from app.note n; -- caught
do $$
begin
  PERFORM 1; -- caught
  if 1 = 1 THEN -- caught
    perform 2;
  end if;
end
$$;
