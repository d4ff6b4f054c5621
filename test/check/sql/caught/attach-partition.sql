--! Message: an old partition

alter table app.happening attach partition app.happening_old for values from ('00000000-0000-0000-0000-000000000000') to ('10000000-0000-0000-0000-000000000000'); -- caught
