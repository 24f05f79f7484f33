# A root of version 1, which had no way to say that it is a CA's.
printf '[req]\ndistinguished_name = subject\n[subject]\n' > v1.cnf
v1=$({ openssl req -help 2>&1 || true; } | grep -o -e -x509v1 || true)  # OpenSSL 3.5 wants to be asked for it
openssl req -x509 $v1 -newkey rsa:2048 -nodes -keyout root.key -config v1.cnf -subj '/CN=Old root' -days 365 \
    -out root.pem 2>> log
issue root "subjectAltName = DNS:$backend" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
