/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include <actor/hash_table.h>
#include <actor/memory.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_MEMORY_MAX_KIB 1024

/* A value that was tried. */
struct tried {
        char *value;
        enum pattern_verdict verdict;
        UT_hash_handle hh;
};

struct pattern {
        pcre2_code *code;
        pcre2_match_data *data;
        pcre2_match_context *limits;
        struct tried *tried;
};

/* Whole values; text in UTF-8, though nobody promises that values are. \C would cut characters in two. */
#define OPTIONS \
        (PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C)

int pattern_new(const char *text, struct pattern **ret, struct actor_error *error)
{
        size_t size = strlen(text);
        int code;
        PCRE2_SIZE where;
        if (size == 0 || size > PATTERN_SIZE_MAX)
                return actor_error_set(error, -EINVAL, "a pattern has 1 to %d bytes, not %zu",
                                       PATTERN_SIZE_MAX, size);
        pcre2_code *compiled = pcre2_compile((PCRE2_SPTR) text, size, OPTIONS, &code, &where, NULL);
        if (compiled == NULL) {
                char why[200] = "";
                (void) pcre2_get_error_message(code, (PCRE2_UCHAR *) why, sizeof why);
                return actor_error_set(error, -EINVAL, "the pattern is wrong at byte %zu: %s", (size_t) where,
                                       why);
        }
        struct pattern *pattern = actor_zalloc(sizeof *pattern);
        pattern->code = compiled;
        pattern->data = pcre2_match_data_create(1, NULL);
        pattern->limits = pcre2_match_context_create(NULL);
        if (pattern->data == NULL || pattern->limits == NULL)
                abort(); /* as the house's allocator does */
        (void) pcre2_set_match_limit(pattern->limits, PATTERN_STEPS_MAX);
        (void) pcre2_set_heap_limit(pattern->limits, MATCH_MEMORY_MAX_KIB);
        *ret = pattern;
        return 0;
}

void pattern_free(struct pattern *pattern)
{
        struct tried *tried, *next;
        if (pattern == NULL)
                return;
        HASH_ITER(hh, pattern->tried, tried, next)
        {
                HASH_DEL(pattern->tried, tried);
                free(tried->value);
                free(tried);
        }
        pcre2_match_context_free(pattern->limits);
        pcre2_match_data_free(pattern->data);
        pcre2_code_free(pattern->code);
        free(pattern);
}

static enum pattern_verdict attempt(struct pattern *pattern, const char *value, size_t size)
{
        if (size > PATTERN_VALUE_MAX)
                return PATTERN_TOO_COSTLY;
        int r = pcre2_match(pattern->code, (PCRE2_SPTR) value, size, 0, 0, pattern->data, pattern->limits);
        if (r == PCRE2_ERROR_NOMATCH)
                return PATTERN_NO;
        return r < 0 ? PATTERN_TOO_COSTLY
                     : PATTERN_YES; /* what is left are its limits, and recursion without end */
}

enum pattern_verdict pattern_match(struct pattern *pattern, const char *value)
{
        struct tried *tried;
        size_t size = strlen(value);
        HASH_FIND(hh, pattern->tried, value, size, tried);
        if (tried == NULL) {
                tried = actor_zalloc(sizeof *tried);
                tried->value = actor_strdup(value);
                tried->verdict = attempt(pattern, value, size);
                HASH_ADD_KEYPTR(hh, pattern->tried, tried->value, size, tried);
        }
        return tried->verdict;
}
