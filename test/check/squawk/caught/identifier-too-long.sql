create table platform.a_table_whose_name_goes_on_and_on_until_it_is_longer_than_postgresql_takes (id uuid); -- caught
