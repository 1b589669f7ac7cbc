DELETE FROM dbman_replicas WHERE replica_id = @replica
