delete from app.note where deleted_at < now() - interval '30 days';
