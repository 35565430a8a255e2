/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/error.h>

#include <stdio.h>
#include <string.h>

/* The sentence is built beside the old one, because arguments may point into it. */
static void replace(struct actor_error *error, const char *prefix, const char *text)
{
        char sentence[2 * sizeof error->text + sizeof ": "];
        int size = snprintf(sentence, sizeof sentence, "%s%s%s", prefix, *prefix ? ": " : "", text);
        if (size < 0)
                return;
        size_t kept = (size_t) size < sizeof error->text ? (size_t) size : sizeof error->text - 1;
        memcpy(error->text, sentence, kept);
        error->text[kept] = '\0';
}

int actor_error_set(struct actor_error *error, int code, const char *format, ...)
{
        if (!error)
                return code;
        char text[sizeof error->text];
        va_list args;
        va_start(args, format);
        int size = vsnprintf(text, sizeof text, format, args);
        va_end(args);
        replace(error, "", size < 0 ? format : text);
        return code;
}

int actor_error_prefix(struct actor_error *error, int code, const char *format, ...)
{
        if (!error)
                return code;
        char prefix[sizeof error->text];
        va_list args;
        va_start(args, format);
        int size = vsnprintf(prefix, sizeof prefix, format, args);
        va_end(args);
        replace(error, size < 0 ? format : prefix, error->text);
        return code;
}
