alter domain platform.colour add constraint colour_check check (value <> ''); -- caught
