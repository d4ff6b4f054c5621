--! Message: indexes

create table app.label (
  tenant_id uuid not null,
  price numeric(10, 2),
  tags text[],
  more jsonb,
  colour app.colour
);
create index label_price on app.label (tenant_id, price); -- caught
create index label_tags on app.label using gin (tags); -- caught
create index label_more on app.label (tenant_id, more); -- caught
create index label_colour on app.label (tenant_id, colour); -- caught
create index note_price on app.note (tenant_id, price); -- caught
