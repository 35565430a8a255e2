/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says so without allocating, and ends the process. */
static _Noreturn void out_of_memory(size_t size)
{
        char text[128];
        int length = snprintf(text, sizeof text, "out of memory: %zu bytes were refused; aborting\n", size);
        ssize_t written = write(STDERR_FILENO, text, length > 0 ? (size_t) length : 0);
        (void) written;
        abort();
}

void *actor_malloc(size_t size)
{
        void *memory = malloc(size ? size : 1);
        if (!memory)
                out_of_memory(size);
        return memory;
}

void *actor_zalloc(size_t size)
{
        void *memory = calloc(1, size ? size : 1);
        if (!memory)
                out_of_memory(size);
        return memory;
}

void *actor_realloc_array(void *memory, size_t count, size_t element_size)
{
        assert(element_size > 0);
        if (count == 0) {
                free(memory);
                return NULL;
        }
        size_t size;
        if (__builtin_mul_overflow(count, element_size, &size))
                out_of_memory(SIZE_MAX);
        void *moved = realloc(memory, size);
        if (!moved)
                out_of_memory(size);
        return moved;
}

char *actor_strdup(const char *text)
{
        return actor_memdup(text, strlen(text) + 1);
}

char *actor_strndup(const char *text, size_t size)
{
        size_t length = strnlen(text, size);
        char *copy = actor_malloc(length + 1);
        memcpy(copy, text, length);
        copy[length] = '\0';
        return copy;
}

void *actor_memdup(const void *data, size_t size)
{
        void *copy = actor_malloc(size);
        if (size > 0)
                memcpy(copy, data, size);
        return copy;
}

char *actor_asprintf(const char *format, ...)
{
        char *text = NULL;
        va_list args;
        va_start(args, format);
        int size = vasprintf(&text, format, args);
        va_end(args);
        if (size < 0)
                out_of_memory(0);
        return text;
}

void actor_freep(void *pointer_to_pointer)
{
        void *memory;
        memcpy(&memory, pointer_to_pointer, sizeof memory);
        free(memory);
}

/* errno is kept: cleanups run between a failure and the look at its reason. */
void actor_closep(const int *fd)
{
        int saved = errno;
        if (*fd >= 0)
                (void) close(*fd);
        errno = saved;
}
