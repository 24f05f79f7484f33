# Another ID, though on the same token.
pair 0a '{}' evidence
sign_evidence 'rp01;object=evidence'
judge request farm.toml --out out
