# It fails for a reason that says nothing (CKR_FUNCTION_FAILED).
faulty C_WrapKey=return:6 request farm.toml --out out
