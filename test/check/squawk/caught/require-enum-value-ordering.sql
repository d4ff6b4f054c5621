alter type platform.level add value 'low'; -- caught
