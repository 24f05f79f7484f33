pair "$(id)"
faulty '' request farm.toml --out out
