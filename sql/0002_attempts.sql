-- Which attempt marked a value, or redeemed a token: an attempt that is repeated, because nobody knows whether it was carried out, finds itself.
ALTER TABLE used_value ADD COLUMN attempt text;
ALTER TABLE refresh_chain ADD COLUMN attempt text;
