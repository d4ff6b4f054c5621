truncate platform.scratch;
