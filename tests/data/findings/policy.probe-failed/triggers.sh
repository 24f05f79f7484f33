# The token wraps a key that it calls not extractable.
faulty C_WrapKey=wrap request farm.toml --out out
