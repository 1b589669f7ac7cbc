DELETE FROM files f
WHERE f.tenant_id = @tenant AND f.id = @file
    AND (f.status = 'deleting' OR (f.status = 'uploading' AND f.reap_after <= statement_timestamp()));

SELECT NOT EXISTS (SELECT FROM files f WHERE f.tenant_id = @tenant AND f.id = @file)
