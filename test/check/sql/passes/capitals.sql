-- Comments speak English, and so do strings; a quoted name keeps its case.
select 'IN CAPITALS' as "createdAt", E'\n', x'1F', n.title from app.note n where n.state = 'OPEN';
do $$
begin
  -- NOT here either
  execute format('select %L', 'UTF8');
end
$$;
