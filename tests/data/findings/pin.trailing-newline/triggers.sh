# The PIN ends in a blank, and the token wants it so.
softhsm2-util --init-token --free --label spaced --so-pin 87654321 --pin '1234 ' >> log
sed -i 's/token=rp01/token=spaced/' farm.toml
install -m 600 /dev/null pin
printf '1234 \n' > pin
judge request farm.toml --out out --pin-source file:pin
