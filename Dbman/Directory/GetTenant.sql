SELECT t.id, t.name, t.open_registration, t.storage_quota, t.created_at FROM tenants t WHERE t.id = @tenant
