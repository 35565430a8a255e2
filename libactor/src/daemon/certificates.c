/* SPDX-License-Identifier: Apache-2.0 */
/* certificates.c: sets of public certificates, and all the keys of a program at once. */
#include <actor/curve.h>
#include <actor/memory.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CERTIFICATES_MAX = 100000 };

struct collection {
        struct actor_certificate *list;
        size_t count, capacity;
        char **paths; /* beside the list: where each came from */
        size_t path_count, path_capacity;
        bool named;
};

static int compare_keys(const void *a, const void *b)
{
        return strcmp((*(const struct actor_certificate *const *) a)->public_key,
                      (*(const struct actor_certificate *const *) b)->public_key);
}

static int check_unique(const struct collection *c, struct actor_error *error)
{
        CLEANUP(actor_freep)
        const struct actor_certificate **sorted = actor_realloc_array(NULL, c->count + 1, sizeof *sorted);
        for (size_t i = 0; i < c->count; i++)
                sorted[i] = &c->list[i];
        qsort(sorted, c->count, sizeof *sorted, compare_keys);
        for (size_t i = 1; i < c->count; i++)
                if (strcmp(sorted[i - 1]->public_key, sorted[i]->public_key) == 0)
                        return actor_error_set(
                                error, -EINVAL,
                                "%.200s and %.200s hold the same key; right would be each key once",
                                c->paths[sorted[i - 1] - c->list], c->paths[sorted[i] - c->list]);
        return 0;
}

static int add(struct collection *c, const char *path, struct actor_error *error)
{
        struct actor_certificate certificate;
        if (c->count == CERTIFICATES_MAX)
                return actor_error_set(error, -E2BIG, "%s: more than %d certificates", path,
                                       CERTIFICATES_MAX);
        int r = actor_certificate_read(path, &certificate, error);
        if (r != 0)
                return r;
        if (c->named && certificate.principal[0] == '\0')
                return actor_error_set(
                        error, -EINVAL,
                        "%s does not say whose key it is; right would be principal = \"NAME\" in its section "
                        "\"metadata\"",
                        path);
        ACTOR_ARRAY_RESERVE(c->list, c->count, c->capacity);
        c->list[c->count++] = certificate;
        ACTOR_ARRAY_RESERVE(c->paths, c->path_count, c->path_capacity);
        c->paths[c->path_count++] = actor_strdup(path);
        return 0;
}

static int add_directory(struct collection *c, const char *path, struct actor_error *error)
{
        DIR *directory = opendir(path);
        if (!directory)
                return actor_error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
        int r = 0;
        for (struct dirent *entry; r == 0 && (entry = readdir(directory)) != NULL;) {
                if (entry->d_name[0] == '.')
                        continue;
                CLEANUP(actor_freep) char *file = actor_asprintf("%s/%s", path, entry->d_name);
                r = add(c, file, error);
        }
        closedir(directory);
        return r;
}

int actor_certificates_read(const char *path, bool named, struct actor_certificates *ret,
                            struct actor_error *error)
{
        struct stat status;
        struct collection c = {.named = named};
        if (stat(path, &status) != 0)
                return actor_error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
        int r = S_ISDIR(status.st_mode) ? add_directory(&c, path, error) : add(&c, path, error);
        if (r == 0)
                r = check_unique(&c, error);
        for (size_t i = 0; i < c.path_count; i++)
                free(c.paths[i]);
        free(c.paths);
        if (r == 0)
                *ret = (struct actor_certificates){c.list, c.count};
        else
                free(c.list);
        return r;
}

void actor_certificates_done(struct actor_certificates *certificates)
{
        free(certificates->list);
        *certificates = (struct actor_certificates){NULL, 0};
}

/* ---- a program's keys --------------------------------------------------------------------------- */

static bool is_given(const char *text)
{
        return text != NULL && text[0] != '\0';
}

static int check_servers(const struct actor_certificates *servers, struct actor_error *error)
{
        size_t for_all = 0;
        for (size_t i = 0; i < servers->count; i++)
                for_all += servers->list[i].endpoint[0] == '\0';
        if (for_all <= 1)
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "%zu certificates name no endpoint; right would be at most one, for all endpoints that no "
                "other names",
                for_all);
}

static int load(const struct actor_curve_files *files, struct actor_curve *curve, struct actor_error *error)
{
        int r = actor_certificate_read_secret(files->key, &curve->own, error);
        if (r != 0)
                return actor_error_prefix(error, r, "--curve_key");
        if (is_given(files->server_key)) {
                r = actor_certificates_read(files->server_key, false, &curve->servers, error);
                if (r == 0)
                        r = check_servers(&curve->servers, error);
                if (r != 0)
                        return actor_error_prefix(error, r, "--curve_server_key");
        }
        if (is_given(files->allow))
                r = actor_certificates_read(files->allow, true, &curve->allowed, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "--curve_allow");
}

int actor_curve_load(const struct actor_curve_files *files, struct actor_curve **ret,
                     struct actor_error *error)
{
        if (!is_given(files->key) && (is_given(files->server_key) || is_given(files->allow)))
                return actor_error_set(
                        error, -EINVAL,
                        "--%s is given without --curve_key; right would be both, or neither and no CURVE",
                        is_given(files->server_key) ? "curve_server_key" : "curve_allow");
        if (!is_given(files->key)) {
                *ret = NULL;
                return 0;
        }
        if (files->listens && !is_given(files->allow))
                return actor_error_set(
                        error, -EINVAL,
                        "--curve_key is given without --curve_allow; right would be both: nobody could "
                        "connect");
        struct actor_curve *curve = actor_zalloc(sizeof *curve);
        int r = load(files, curve, error);
        if (r != 0) {
                actor_curve_free(curve);
                return r;
        }
        *ret = curve;
        return 0;
}

void actor_curve_free(struct actor_curve *curve)
{
        if (!curve)
                return;
        actor_certificate_wipe(&curve->own);
        actor_certificates_done(&curve->servers);
        actor_certificates_done(&curve->allowed);
        free(curve);
}
