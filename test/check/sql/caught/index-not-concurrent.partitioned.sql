--! Message: an index

--! no-transaction
create index concurrently happening_two on app.happening (tenant_id, id); -- caught
