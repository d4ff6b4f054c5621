create unlogged table platform.cache (key text primary key); -- caught
comment on table platform.cache is 'Gone after a crash.';
