# CKA_SIGN is false.
pair 0a '{"SIGN": false, "DERIVE": true}' evidence
sign_evidence 'rp01;object=evidence'
judge request farm.toml --out out
