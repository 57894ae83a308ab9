-- These come and go with sessions, too.
ALTER TABLE broker_session SET (autovacuum_vacuum_scale_factor = 0.05);
