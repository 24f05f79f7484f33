# A key of another label.
evidence_key 0a
sign_evidence 'rp02;object=Evidence'
judge request farm.toml --out out
