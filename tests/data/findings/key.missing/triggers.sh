# The request is there, its key is not.
request
destroy "$(id)" privkey pubkey
judge request farm.toml --out out
