alter type platform.level add value 'low' before 'high';
