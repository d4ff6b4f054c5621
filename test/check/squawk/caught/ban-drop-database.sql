drop database freehold; -- caught
