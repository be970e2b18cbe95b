-- All that is known of where a phone is reached, as JSON: its Path (RFC 3327), its order, its device.
-- Empty for what an older version kept.
ALTER TABLE registrations ADD COLUMN whole TEXT NOT NULL DEFAULT '';
