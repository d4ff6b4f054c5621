create domain platform.colour as text;
