# The user starts over.
request
destroy "$(id)" privkey pubkey
judge request farm.toml --out out --replace
