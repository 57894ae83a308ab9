-- Backchannel authentication (OpenID Connect CIBA) is decided and fetched as a device's authorization is: the same rows. user_code then
-- names the request to the authentication channel.
ALTER TABLE device_code ADD COLUMN user_id text;      -- who is asked; NULL: a device, whoever enters its code
ALTER TABLE device_code ADD COLUMN notification text; -- ping: the token that the client's notification endpoint expects
