create materialized view app.note_count as select n.tenant_id, count(*) from app.note n group by n.tenant_id; -- caught
