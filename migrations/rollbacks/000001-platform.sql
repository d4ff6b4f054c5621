--! Undoes: sha1:a6a90900634f357fa6d27a8f7bdbc794df1797c9
--! Loses: schema app, schema catalog, schema generated, schema identity, schema platform

-- Undoes "platform".
set local check_function_bodies = off;
drop schema app cascade;
drop schema catalog cascade;
drop schema generated cascade;
drop schema identity cascade;
drop schema platform cascade;
