# The last of the old ones.
root root 'Contoso root'
issue root "subjectAltName = DNS:localhost" 90
mkfifo says
openssl s_server -accept 127.0.0.1:0 -key server.key -cert server.pem -tls1_1 -cipher ALL:@SECLEVEL=0 > says 2>> log < <(sleep 60) &
trap 'kill $!' EXIT
address=$(sed -n '/^ACCEPT /{s///p;q}' says)
proxy "localhost:${address##*:}" root.pem
judge trust proxy.toml --out out
