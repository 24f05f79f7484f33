# The request is still there, and has the public key.
request
destroy "$(id)" pubkey
judge request farm.toml --out out
