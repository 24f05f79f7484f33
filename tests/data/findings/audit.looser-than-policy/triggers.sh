pair "$(id)" '{"EXTRACTABLE": true}'
judge audit farm.toml --out out
