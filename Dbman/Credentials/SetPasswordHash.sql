UPDATE credentials SET password_hash = @hash, changed_at = now() WHERE tenant_id = @tenant AND user_id = @user
