# The ID tells them apart.
evidence_key 0a
evidence_key 0b
sign_evidence 'rp02;object=evidence;id=%0b'
judge request farm.toml --out out
