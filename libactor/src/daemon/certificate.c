/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.c — key files in CZMQ's format.
 *
 * A certificate is two sections of properties (ZPL, ZeroMQ RFC 4, as zcert writes it):
 *
 *     metadata
 *         principal = "ops"
 *     curve
 *         public-key = "…"
 *         secret-key = "…"
 *
 * What is not asked for here is skipped, so that files with more metadata are fine; what is asked for
 * must be right. Why the file is read here and not by CZMQ: docs/adr/0004. */
#include "daemon/utf8.h"

#include <actor/curve.h>
#include <actor/memory.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { FILE_BYTES_MAX = 64 << 10, KEY_BYTES = 32 };

struct reader {
        const char *path;
        unsigned line;
        char section[64];
        struct actor_certificate *ret;
        struct actor_error *error;
};

#define REFUSE(reader, ...) refuse(reader, actor_error_set((reader)->error, -EINVAL, __VA_ARGS__))

static int refuse(const struct reader *reader, int r)
{
        return actor_error_prefix(reader->error, r, "%s, line %u", reader->path, reader->line);
}

/* ---- what a field may hold ---------------------------------------------------------------------- */

static bool is_key(const char *text)
{
        uint8_t bytes[KEY_BYTES];
        return strlen(text) == ACTOR_KEY_SIZE && zmq_z85_decode(bytes, text) != NULL;
}

static bool is_principal(const char *text)
{
        size_t size = strlen(text);
        bool printable = size > 0 && size <= ACTOR_PRINCIPAL_MAX && strchr(text, '"') == NULL;
        while (printable && *text)
                text += utf8_next(text, &printable);
        return printable;
}

static bool is_endpoint(const char *text)
{
        struct actor_address address;
        char named[ACTOR_ENDPOINT_MAX + 8];
        bool is_tcp = strncmp(text, "tcp://", 6) == 0 && strlen(text) <= ACTOR_ENDPOINT_MAX;
        snprintf(named, sizeof named, "x@%s", is_tcp ? text + 6 : "");
        return is_tcp && actor_address_parse(named, &address, NULL) == 0 &&
               strcmp(address.endpoint, text) == 0;
}

static const struct field {
        const char *section, *name;
        size_t offset, size;
        bool (*is_right)(const char *text);
        const char *right;
} fields[] = {
#define FIELD(member) \
        offsetof(struct actor_certificate, member), sizeof((struct actor_certificate *) NULL)->member
        {"curve", "public-key", FIELD(public_key), is_key, "a key of 40 characters of Z85 in double quotes"},
        {"curve", "secret-key", FIELD(secret_key), is_key, "a key of 40 characters of Z85 in double quotes"},
        {"metadata", "principal", FIELD(principal), is_principal,
         "1 to 255 bytes of UTF-8 without control characters and quotes"},
        {"metadata", "endpoint", FIELD(endpoint), is_endpoint, "tcp://host:port"},
#undef FIELD
};

static const struct field *field_of(const char *section, const char *name)
{
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                if (strcmp(fields[i].section, section) == 0 && strcmp(fields[i].name, name) == 0)
                        return &fields[i];
        return NULL;
}

/* ---- lines -------------------------------------------------------------------------------------- */

/* What a secret key's line holds is not repeated, be it ever so wrong. */
static int set_field(struct reader *reader, const struct field *field, const char *value)
{
        char *at = (char *) reader->ret + field->offset;
        if (*at)
                return REFUSE(reader, "a second %s; right would be one", field->name);
        if (!field->is_right(value))
                return REFUSE(reader, "%s is not right; right would be %s", field->name, field->right);
        snprintf(at, field->size, "%s", value);
        return 0;
}

/* Cuts the value out of what follows "=": in quotes, or up to a space or a comment. */
static int take_value(struct reader *reader, char *text, char **ret)
{
        text += strspn(text, " \t");
        bool quoted = *text == '"' || *text == '\'';
        char *end = quoted ? strchr(text + 1, *text) : text + strcspn(text, " \t#");
        if (end == NULL)
                return REFUSE(reader, "a quote is not closed");
        char *rest = quoted ? end + 1 : end;
        rest += strspn(rest, " \t");
        if (*rest != '\0' && *rest != '#')
                return REFUSE(reader, "something follows the value; right would be name = \"value\"");
        *end = '\0';
        *ret = quoted ? text + 1 : text;
        return 0;
}

static int take_property(struct reader *reader, char *name)
{
        static const char right[] = "right would be a section, or four spaces and name = \"value\"";
        if (reader->section[0] == '\0')
                return REFUSE(reader, "a property before the first section; %s", right);
        char *value = NULL, *equals = strchr(name, '=');
        if (equals == NULL)
                return REFUSE(reader, "no \"=\"; %s", right);
        size_t size = strcspn(name, " \t=");
        if (size == 0 || name + size + strspn(name + size, " \t") != equals)
                return REFUSE(reader, "no name before \"=\"; %s", right);
        name[size] = '\0';
        int r = take_value(reader, equals + 1, &value);
        const struct field *field = r == 0 ? field_of(reader->section, name) : NULL;
        return field ? set_field(reader, field, value) : r;
}

static int take_section(struct reader *reader, char *text)
{
        size_t size = strcspn(text, " \t#=");
        char *rest = text + size + strspn(text + size, " \t");
        if (size == 0 || size >= sizeof reader->section || (*rest != '\0' && *rest != '#'))
                return REFUSE(reader,
                              "this is no section; right would be \"metadata\" or \"curve\", and four spaces "
                              "before each property");
        text[size] = '\0';
        snprintf(reader->section, sizeof reader->section, "%s", text);
        return 0;
}

static int take_line(struct reader *reader, char *line)
{
        size_t indent = strspn(line, " ");
        char *text = line + indent;
        if (*text == '\0' || *text == '#')
                return 0;
        for (const char *at = text; *at; at++)
                if ((unsigned char) *at < ' ' && *at != '\t')
                        return REFUSE(reader, "a control character; right would be text");
        if (indent == 0)
                return take_section(reader, text);
        if (indent % 4 != 0 || *text == '\t')
                return REFUSE(reader, "indented by something else than four spaces");
        return indent == 4 ? take_property(reader, text) : 0; /* deeper: not ours */
}

/* ---- files -------------------------------------------------------------------------------------- */

/* The whole file as one text, which the caller wipes, and its mode. */
static int slurp(const char *path, char text[static FILE_BYTES_MAX + 1], mode_t *ret_mode,
                 struct actor_error *error)
{
        struct stat status;
        CLEANUP(actor_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &status) != 0)
                return actor_error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
        if (!S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
                return actor_error_set(error, -EINVAL,
                                       "%s is not a certificate: right would be a file of at most %d bytes",
                                       path, FILE_BYTES_MAX);
        ssize_t size = read(fd, text, FILE_BYTES_MAX);
        if (size < 0)
                return actor_error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
        text[size] = '\0';
        if (strlen(text) != (size_t) size)
                return actor_error_set(error, -EINVAL,
                                       "%s holds a zero byte; right would be a certificate, which is text",
                                       path);
        *ret_mode = status.st_mode & 07777u;
        return 0;
}

static int parse(const char *path, char *text, struct actor_certificate *ret, struct actor_error *error)
{
        struct reader reader = {.path = path, .ret = ret, .error = error};
        int r = 0;
        for (char *line; r == 0 && (line = strsep(&text, "\n")) != NULL;) {
                reader.line++;
                size_t size = strlen(line);
                if (size > 0 && line[size - 1] == '\r')
                        line[size - 1] = '\0';
                r = take_line(&reader, line);
        }
        if (r == 0 && ret->public_key[0] == '\0')
                r = actor_error_set(
                        error, -EINVAL,
                        "%s has no public key; right would be public-key = \"…\" in its section \"curve\"",
                        path);
        return r;
}

static int check_public(const char *path, const struct actor_certificate *certificate,
                        struct actor_error *error)
{
        if (certificate->secret_key[0] == '\0')
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "%s holds a secret key; right would be the public certificate, the file without _secret",
                path);
}

static int check_pair(const char *path, const struct actor_certificate *certificate,
                      struct actor_error *error)
{
        char public_key[ACTOR_KEY_SIZE + 1];
        if (zmq_curve_public(public_key, certificate->secret_key) != 0)
                return actor_error_set(error, -ENOTSUP, "this libzmq is built without CURVE");
        if (strcmp(public_key, certificate->public_key) == 0)
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "%s: public-key and secret-key are not a pair; right would be the file as it was made", path);
}

static int check_secret(const char *path, mode_t mode, const struct actor_certificate *certificate,
                        struct actor_error *error)
{
        if (certificate->secret_key[0] == '\0')
                return actor_error_set(
                        error, -EINVAL,
                        "%s holds no secret key; right would be the secret certificate, usually %s_secret",
                        path, path);
        if ((mode & 077) != 0)
                return actor_error_set(
                        error, -EACCES,
                        "%s holds a secret key and has mode %04o; right would be 0600, for its owner "
                        "alone: chmod 600 %s",
                        path, (unsigned) mode, path);
        return check_pair(path, certificate, error);
}

static int read_certificate(const char *path, bool secret, struct actor_certificate *ret,
                            struct actor_error *error)
{
        char *text = actor_malloc(FILE_BYTES_MAX + 1);
        struct actor_certificate certificate = {.public_key = ""};
        mode_t mode = 0;
        int r = slurp(path, text, &mode, error);
        if (r == 0)
                r = parse(path, text, &certificate, error);
        if (r == 0)
                r = secret ? check_secret(path, mode, &certificate, error)
                           : check_public(path, &certificate, error);
        if (r == 0)
                *ret = certificate;
        explicit_bzero(text, FILE_BYTES_MAX + 1);
        actor_certificate_wipe(&certificate);
        free(text);
        return r;
}

int actor_certificate_read(const char *path, struct actor_certificate *ret, struct actor_error *error)
{
        return read_certificate(path, false, ret, error);
}

int actor_certificate_read_secret(const char *path, struct actor_certificate *ret, struct actor_error *error)
{
        return read_certificate(path, true, ret, error);
}

void actor_certificate_wipe(struct actor_certificate *certificate)
{
        explicit_bzero(certificate, sizeof *certificate);
}

/* ---- making ------------------------------------------------------------------------------------- */

int actor_certificate_make(const char *principal, struct actor_certificate *ret, struct actor_error *error)
{
        struct actor_certificate certificate = {.public_key = ""};
        if (principal && !is_principal(principal))
                return actor_error_set(error, -EINVAL, "\"%.64s\" is no principal; right would be %s",
                                       principal, field_of("metadata", "principal")->right);
        if (zmq_curve_keypair(certificate.public_key, certificate.secret_key) != 0)
                return actor_error_set(error, -errno, "cannot make keys: %s", zmq_strerror(errno));
        snprintf(certificate.principal, sizeof certificate.principal, "%s", principal ? principal : "");
        *ret = certificate;
        actor_certificate_wipe(&certificate);
        return 0;
}

int actor_certificate_set_endpoint(struct actor_certificate *certificate, const char *endpoint,
                                   struct actor_error *error)
{
        if (!is_endpoint(endpoint))
                return actor_error_set(error, -EINVAL,
                                       "\"%.64s\" is no endpoint of a server; right would be %s", endpoint,
                                       field_of("metadata", "endpoint")->right);
        snprintf(certificate->endpoint, sizeof certificate->endpoint, "%s", endpoint);
        return 0;
}

static void print(FILE *out, const struct actor_certificate *certificate, bool secret)
{
        if (secret)
                fputs("#   ZeroMQ CURVE **Secret** Certificate: for its owner alone, never to be copied to "
                      "others.\n\n",
                      out);
        else
                fputs("#   ZeroMQ CURVE Public Certificate: to be handed on in a way that others cannot "
                      "change it.\n\n",
                      out);
        fputs("metadata\n", out);
        if (certificate->principal[0])
                fprintf(out, "    principal = \"%s\"\n", certificate->principal);
        if (certificate->endpoint[0])
                fprintf(out, "    endpoint = \"%s\"\n", certificate->endpoint);
        fprintf(out, "curve\n    public-key = \"%s\"\n", certificate->public_key);
        if (secret)
                fprintf(out, "    secret-key = \"%s\"\n", certificate->secret_key);
}

static int write_file(const struct actor_certificate *certificate, const char *path, bool secret,
                      struct actor_error *error)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
        if (fd < 0)
                return actor_error_set(error, -errno, "cannot make %s: %s%s", path, strerror(errno),
                                       errno == EEXIST ? "; keys are never overwritten" : "");
        FILE *out = fdopen(fd, "w");
        char buffer[4096]; /* ours, so that no copy of the key stays in the heap */
        setvbuf(out, buffer, _IOFBF, sizeof buffer);
        print(out, certificate, secret);
        bool written = fflush(out) == 0 && fsync(fd) == 0;
        int reason = errno;
        written = fclose(out) == 0 && written;
        explicit_bzero(buffer, sizeof buffer);
        if (written)
                return 0;
        (void) unlink(path);
        return actor_error_set(error, -reason, "cannot write %s: %s", path, strerror(reason));
}

int actor_certificate_write(const struct actor_certificate *certificate, const char *path,
                            struct actor_error *error)
{
        CLEANUP(actor_freep) char *secret_path = actor_asprintf("%s_secret", path);
        int r = write_file(certificate, secret_path, true, error);
        if (r != 0)
                return r;
        r = write_file(certificate, path, false, error);
        if (r != 0)
                (void) unlink(secret_path);
        return r;
}
