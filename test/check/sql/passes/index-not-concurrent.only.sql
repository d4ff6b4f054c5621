--! Message: the index of a partitioned table, and one of a table that is new

create index happening_two on only app.happening (tenant_id, id);
create table platform.colour (key text primary key, shade text);
comment on table platform.colour is 'Colours.';
create index colour_shade on platform.colour (shade);
