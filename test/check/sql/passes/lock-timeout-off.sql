--! Message: patience

set local lock_timeout = '2s';
set local lock_timeout = 9000;
