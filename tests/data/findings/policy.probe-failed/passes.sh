# It refuses, as it should (CKR_KEY_UNEXTRACTABLE).
faulty C_WrapKey=return:6a request farm.toml --out out
