# A key that lies in a file as well, put into the token under an older generation.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out serves.pem -subj /CN=web 2>> log
openssl pkey -in key.pem -outform DER -out key.der
openssl pkey -in key.pem -pubout -outform DER -out public.der
p11 --write-object key.der --type privkey --id "$(id)" --usage-sign
p11 --write-object public.der --type pubkey --id "$(id)" --usage-sign
pair "$(id web rp01 2)"
mkfifo says
openssl s_server -accept 127.0.0.1:0 -key key.pem -cert serves.pem > says 2>> log < <(sleep 60) &
trap 'kill $!' EXIT
address=$(sed -n '/^ACCEPT /{s///p;q}' says)
judge retire farm.toml --out out --request web --generation 1 --dry-run --listener "$address"
