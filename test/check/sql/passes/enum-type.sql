create type app.price as (amount bigint, currency text);
create domain app.currency as text check (value ~ '^[A-Z]{3}$');
