-- What one replica at a time does.
CREATE TABLE lease (
    name text PRIMARY KEY,
    until bigint NOT NULL                   -- seconds; then another may take it
);

-- Tables whose rows come and go, or change with each use: cleaned often, with room on each page for the new versions.
ALTER TABLE user_session SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE client_session SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE refresh_chain SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE used_value SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
ALTER TABLE device_code SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE login_failure SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE broker_login SET (autovacuum_vacuum_scale_factor = 0.05);
