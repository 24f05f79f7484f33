# One newline at the end is no part of the PIN.
install -m 600 /dev/null pin
printf '%s\n' "$PIN" > pin
judge request farm.toml --out out --pin-source file:pin
