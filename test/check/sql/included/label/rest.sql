select platform.declare_entity('app.project', permissions => '{}');
select platform.declare_entity('app.note'::regclass, permissions => '{}');
