grant all on app.note to freehold_user; -- caught
grant select, truncate on app.note to freehold_worker; -- caught
