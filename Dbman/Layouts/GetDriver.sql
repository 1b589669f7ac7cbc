SELECT
    CASE WHEN d.lease_until > clock_timestamp() THEN d.holder END,
    d.term,
    greatest(0, extract(epoch FROM d.lease_until - clock_timestamp()) * 1000)::bigint
FROM layout_driver d
