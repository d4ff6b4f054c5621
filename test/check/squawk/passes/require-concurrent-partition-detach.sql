alter table app.happening detach partition app.happening_old concurrently;
