create domain platform.colour as text check (value <> ''); -- caught
