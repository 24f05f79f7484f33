faulty C_WrapKey=return:6a request farm.toml --out out
