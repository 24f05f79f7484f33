# Nothing is there yet, or it is private.
judge status farm.toml --out out
