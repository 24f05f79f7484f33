request
judge audit farm.toml --out out
