create table platform.a_table_with_a_name_that_fits (id uuid);
