create temporary table counted as select n.tenant_id, count(*) from app.note n group by n.tenant_id;
