# The token says that the key was not made in it (CKA_LOCAL false), and nothing vouches for the key.
pair "$(id)"
faulty C_GetAttributeValue=read:163,00 request farm.toml --out out
