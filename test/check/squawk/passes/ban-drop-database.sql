drop table platform.scratch;
