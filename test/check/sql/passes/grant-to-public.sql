grant select on app.note to freehold_user;
revoke all on schema app from public;
alter default privileges revoke execute on functions from public;
