# Two pairs under one CKA_ID.
request
pair "$(id)"
judge request farm.toml --out out
