/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_CURVE_H
#define ACTOR_CURVE_H

#include <actor/node.h>

ACTOR_API_BEGIN

/* CURVE between nodes: nobody else reads what they say, a server is who it was taken for, and only
 * those on a list may connect. The handshake is CurveZMQ's (ZeroMQ RFC 26), done by libzmq; who may
 * connect is asked as ZAP lays down (RFC 27); certificates are files as CZMQ writes them (zcert),
 * keys in Z85 (RFC 32). How to make, deploy and change keys: docs/security.md.
 *
 * A node with keys speaks CURVE over tcp, in both directions, and nothing else: a peer without keys
 * is refused, and an endpoint whose key is not known is not dialed. ipc stays plain: who may open the
 * socket's file is the file system's to say. Simulated nodes have no keys. */

#define ACTOR_KEY_SIZE 40 /* bytes of a key as text */
#define ACTOR_PRINCIPAL_MAX 255

struct actor_certificate {
        char public_key[ACTOR_KEY_SIZE + 1];
        char secret_key[ACTOR_KEY_SIZE + 1];     /* "" in a public certificate */
        char principal[ACTOR_PRINCIPAL_MAX + 1]; /* whose it is; "" where the file does not say */
        char endpoint[ACTOR_ENDPOINT_MAX + 1];   /* "tcp://host:port" where its holder listens; "" where the file does not say */
};

/* Makes a pair of keys for `principal` (1–255 bytes of UTF-8 without control characters and quotes;
 * NULL: nobody's). -EINVAL with a sentence for a bad principal. Any thread. */
int actor_certificate_make(const char *principal, struct actor_certificate *ret, struct actor_error *error);

/* Says where its holder listens. -EINVAL with a sentence for what is not tcp://host:port. */
int actor_certificate_set_endpoint(struct actor_certificate *certificate, const char *endpoint,
                                   struct actor_error *error);

/* Writes the public certificate to `path` (mode 0644) and the secret one to `path`_secret (0600).
 * Neither may exist: -EEXIST. On an error neither is left behind. Blocks on the disk. */
int actor_certificate_write(const struct actor_certificate *certificate, const char *path,
                            struct actor_error *error);

/* Reads a public / a secret certificate. A secret one must not be readable by group or others
 * (-EACCES), and its keys must be a pair. -EINVAL or -errno with a sentence naming the file, the
 * line or the field, and what would be right; *ret is then left alone. Blocks on the disk. */
int actor_certificate_read(const char *path, struct actor_certificate *ret, struct actor_error *error);
int actor_certificate_read_secret(const char *path, struct actor_certificate *ret, struct actor_error *error);

/* Overwrites the keys, so that they do not stay in memory. */
void actor_certificate_wipe(struct actor_certificate *certificate);

/* Public certificates, each key once. */
struct actor_certificates {
        struct actor_certificate *list;
        size_t count;
};

/* Reads one file, or all files of a directory whose names do not begin with a dot. With `named` each
 * must say whose it is. A certificate with a secret key in it is refused, as is a key given twice.
 * -EINVAL or -errno with a sentence; *ret is then left alone. Blocks on the disk. */
int actor_certificates_read(const char *path, bool named, struct actor_certificates *ret,
                            struct actor_error *error);
/* Frees the list and leaves it empty. */
void actor_certificates_done(struct actor_certificates *certificates);

/* What a node is given (actor_node_config.curve; copied). */
struct actor_curve {
        struct actor_certificate own; /* with its secret key: for what it dials and for what dials it */
        /* Whom it dials: the key demanded of an endpoint is that of the certificate which names the
         * endpoint, else that of the one which names none (at most one such). Empty: dials nobody. */
        struct actor_certificates servers;
        /* Who may dial it, each with a principal. Empty: nobody may. */
        struct actor_certificates allowed;
};

/* Where a program's keys lie: what its flags say. */
struct actor_curve_files {
        const char *key;        /* its own secret certificate; NULL or "": no CURVE */
        const char *server_key; /* public certificates of the servers it dials; NULL or "": it dials nobody over tcp */
        const char *allow;      /* public certificates of those who may dial it; NULL or "": nobody */
        bool listens;           /* a key without `allow` is then a mistake, and refused */
};

/* Reads them all. 0 and *ret, NULL without a key; -EINVAL or -errno with a sentence that names the
 * flag. To be freed once the node is made. Blocks on the disk. */
int actor_curve_load(const struct actor_curve_files *files, struct actor_curve **ret, struct actor_error *error);
void actor_curve_free(struct actor_curve *curve); /* wipes the keys; NULL is fine */

/* The flags for them, rows of a program's list: of a program that dials, of one that listens too. */
#define ACTOR_CURVE_FLAGS(FLAG)                                                                                        \
        FLAG(curve_key, string, NULL, "", "Secret certificate (a file as 'troupe keygen' makes it, FILE_secret) to speak CURVE with; unset: neither encryption nor authentication.") \
        FLAG(curve_server_key, string, NULL, "", "Public certificate of the servers to connect to, or a directory of them; with --curve_key and without this no tcp connection is opened.")
#define ACTOR_CURVE_SERVER_FLAGS(FLAG)                                                                                 \
        ACTOR_CURVE_FLAGS(FLAG)                                                                                        \
        FLAG(curve_allow, string, NULL, "", "Directory of the public certificates, each with a principal, of those who may connect; read anew when it changes. Needed with --curve_key.")

/* ---- a running node --------------------------------------------------------------------------- */

/* Replaces the list of those who may connect (copied). Whoever is on it may connect from now on;
 * connections of those who are not on it any more end. -EINVAL where the node has no keys, or an entry has no
 * principal. Any thread, also handlers. */
int actor_node_allow(struct actor_node *node, const struct actor_certificates *allowed);

/* Starts an actor that does so whenever `path` (a directory or a file) changes. What cannot be read
 * is logged and changes nothing. Returns 0 or -errno with a sentence. */
int actor_node_watch_allowed(struct actor_node *node, const char *path, struct actor_error *error);

/* Whose key the node behind a remote ref has proved to hold: the principal of the allow-list where it
 * dialed us, of the server certificate where we dialed it. "" for local actors, over ipc, without
 * keys, where the certificate names nobody, and where the ref is not of the node that was connected
 * last. Writes into `ret`, cut to `size`; says whether there is one. Any thread, also handlers. */
bool actor_node_principal(struct actor_node *node, struct actor_ref ref, char *ret, size_t size);

/* Why the node behind a remote ref would not have us at the last try to connect, or we it, as far as libzmq tells, in
 * words for people; "" where that went well or failed for another reason (nobody there). As above. */
bool actor_node_trouble(struct actor_node *node, struct actor_ref ref, char *ret, size_t size);

ACTOR_API_END

#endif
