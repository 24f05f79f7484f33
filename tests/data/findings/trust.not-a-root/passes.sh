# A root of version 1, which had no way to say that it is a CA's.
openssl req -new -newkey rsa:2048 -nodes -keyout root.key -out root.csr -subj '/CN=Old root' 2>> log
openssl x509 -req -in root.csr -signkey root.key -days 365 -out root.pem 2>> log
issue root "subjectAltName = DNS:$backend" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
