pair 0a '{"DERIVE": true}' evidence
sign_evidence 'rp01;object=evidence'
judge request farm.toml --out out
