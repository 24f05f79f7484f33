# Another pair lies where the request's was.
request
destroy "$(id)" privkey pubkey
pair "$(id)"
judge request farm.toml --out out
