--! Message: patience

set local lock_timeout = 0; -- caught
set local lock_timeout = '5min'; -- caught
set local lock_timeout = 20000; -- caught
reset lock_timeout; -- caught
set local lock_timeout to default; -- caught
