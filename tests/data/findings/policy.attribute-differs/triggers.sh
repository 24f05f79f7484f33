pair "$(id)" '{"EXTRACTABLE": true}'
judge request farm.toml --out out
