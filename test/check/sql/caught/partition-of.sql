--! Message: a new partition

create table app.happening_new partition of app.happening for values from ('10000000-0000-0000-0000-000000000000') to ('20000000-0000-0000-0000-000000000000'); -- caught
