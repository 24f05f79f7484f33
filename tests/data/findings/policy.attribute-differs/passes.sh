pair "$(id)"
judge request farm.toml --out out
