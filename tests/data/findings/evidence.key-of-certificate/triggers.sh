# By its CKA_ID the key of request web.
pair "$(id)" '{}' evidence
sign_evidence 'rp01;object=evidence'
judge request farm.toml --out out
