pair "$(id)"
judge audit farm.toml --out out
