grant select, insert, update (title) on app.note to freehold_user;
revoke all on app.note from freehold_worker;
grant freehold_user to freehold_app;
