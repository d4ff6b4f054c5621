reindex table concurrently app.note;
