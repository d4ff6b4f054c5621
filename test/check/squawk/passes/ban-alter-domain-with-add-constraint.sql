alter domain platform.colour set default 'red';
