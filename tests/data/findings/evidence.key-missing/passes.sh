evidence_key 0a
sign_evidence 'rp02;object=evidence'
judge request farm.toml --out out
