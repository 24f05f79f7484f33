# Two keys of one label.
evidence_key 0a
evidence_key 0b
sign_evidence
judge request farm.toml --out out
